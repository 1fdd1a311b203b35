/** What the command line and the environment say to `npm run db`. */
import { Command, Option } from "@commander-js/extra-typings";
import {
  type DatabaseFlags,
  databaseUrlFileOption,
  databaseUrlOption,
  dataDirOption,
  days,
  namedDatabase,
} from "@physical-ai/service/options";
import type { DatabaseChoice } from "./database.ts";
import type { RetentionOptions } from "./retention.ts";

/** The commands of `npm run db`. */
interface DatabaseCommands {
  serve(dataDir: string): Promise<void>;
  migrate(database: DatabaseChoice): Promise<void>;
  schema(database: DatabaseChoice): Promise<void>;
  retention(database: DatabaseChoice, options: RetentionOptions): Promise<void>;
}

/** Reads the arguments and calls the command that they name. */
export async function runCommandLine(argv: readonly string[], commands: DatabaseCommands): Promise<void> {
  const program = new Command("npm run db --").description("The store: PostgreSQL and its tables.");
  program
    .command("serve")
    .description("run the embedded PostgreSQL of a data folder until stopped")
    .addOption(dataDirOption())
    .action((options) => commands.serve(options.dataDir));
  program
    .command("migrate")
    .description("bring the tables to this version")
    .addOption(dataDirOption())
    .addOption(databaseUrlOption())
    .addOption(databaseUrlFileOption())
    .action((options) => commands.migrate(choiceOf(options)));
  program
    .command("schema")
    .description("print the tables as they are in the database (db/schema.sql is this output)")
    .addOption(dataDirOption())
    .addOption(databaseUrlOption())
    .addOption(databaseUrlFileOption())
    .action((options) => commands.schema(choiceOf(options)));
  program
    .command("retention")
    .description(
      "drop the partitions of the days before, each as a whole, and the blobs that only they named; readers and writers go on",
    )
    .addOption(new Option("--keep <days>", "how many days to keep, as in 30d").argParser(days).makeOptionMandatory())
    .option("--dry-run", "say what would go, and drop nothing", false)
    .addOption(dataDirOption())
    .addOption(databaseUrlOption())
    .addOption(databaseUrlFileOption())
    .action(({ keep, dryRun, ...database }) => commands.retention(choiceOf(database), { keepDays: keep, dryRun }));
  await program.parseAsync([...argv], { from: "user" });
}

const choiceOf = ({ dataDir, ...flags }: DatabaseFlags & { dataDir: string }): DatabaseChoice => ({
  databaseUrl: namedDatabase(flags),
  dataDir,
});
