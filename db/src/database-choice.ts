import { embeddedUrl, runningSettings } from "./embedded/settings.ts";

/** Which database to work on: the one named, or the data folder's own. */
export interface DatabaseChoice {
  databaseUrl?: string | undefined;
  dataDir: string;
}

/**
 * The connection string of the database that was chosen.
 *
 * @throws when the data folder has no database, or it does not run
 */
export async function databaseUrlOf({ databaseUrl, dataDir }: DatabaseChoice): Promise<string> {
  return databaseUrl ?? embeddedUrl(await runningSettings(dataDir));
}
