/** What the command line and the environment say to `npm run db`. */
import { Command, Option } from "@commander-js/extra-typings";

/** The commands of `npm run db`. */
export interface DatabaseCommands {
  serve(dataDir: string): Promise<void>;
  migrate(database: DatabaseChoice): Promise<void>;
  schema(database: DatabaseChoice): Promise<void>;
}

/** Which database to work on: the one named, or the data folder's own. */
export interface DatabaseChoice {
  databaseUrl?: string;
  dataDir: string;
}

/** Reads the arguments and calls the command that they name. */
export async function runCommandLine(argv: readonly string[], commands: DatabaseCommands): Promise<void> {
  const dataDir = () => new Option("--data-dir <folder>", "where the data lies").env("DATA_DIR").default("data");
  const databaseUrl = () =>
    new Option(
      "--database-url <url>",
      "postgres://user:password@host:port/database; the data folder's own when missing",
    ).env("DATABASE_URL");
  const program = new Command("npm run db --").description("The store: PostgreSQL and its tables.");
  program
    .command("serve")
    .description("run the embedded PostgreSQL of a data folder until stopped")
    .addOption(dataDir())
    .action((options) => commands.serve(options.dataDir));
  program
    .command("migrate")
    .description("bring the tables to this version")
    .addOption(dataDir())
    .addOption(databaseUrl())
    .action((options) => commands.migrate(options));
  program
    .command("schema")
    .description("print the tables as they are in the database (db/schema.sql is this output)")
    .addOption(dataDir())
    .addOption(databaseUrl())
    .action((options) => commands.schema(options));
  await program.parseAsync([...argv], { from: "user" });
}
