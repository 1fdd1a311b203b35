/** Where the data lies: the options of whatever works on a data folder or a database. */
import { Option } from "@commander-js/extra-typings";
import { folder, textIn } from "./values.ts";

export const databaseUrlForm = "postgres://user:password@host:port/database";

/** @param contents what the command has there */
export const dataDirOption = (contents = "where the data lies") =>
  new Option("--data-dir <folder>", contents).env("DATA_DIR").default("data").argParser(folder);

/** @param whenMissing what becomes of the command without it */
export const databaseUrlOption = (whenMissing = "the data folder's own when missing") =>
  new Option("--database-url <url>", `${databaseUrlForm}; ${whenMissing}`).env("DATABASE_URL");

export const databaseUrlFileOption = () =>
  new Option("--database-url-file <file>", "holds the database's URL, where none is given")
    .env("DATABASE_URL_FILE")
    .argParser(textIn);

/** What these options say. */
export interface DatabaseFlags {
  databaseUrl?: string | undefined;
  databaseUrlFile?: string | undefined;
}

/**
 * The URL that was given; an empty variable, as in an env file, gives none.
 *
 * @throws when it is no URL of a database; what came is not repeated, for it may hold a password
 */
export function namedDatabase({ databaseUrl, databaseUrlFile }: DatabaseFlags): string | undefined {
  const url = databaseUrl || databaseUrlFile;
  if (url === undefined || /^postgres(ql)?:\/\//.test(url)) return url;
  throw new Error(`expected --database-url or --database-url-file with ${databaseUrlForm}; got something else`);
}
