/** Who serves a cluster's folder now, and on whose behalf. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "@physical-ai/service/signals";

/** The process id of the PostgreSQL that runs on this folder, if one does. */
export function readPostmaster(cluster: string): Promise<number | undefined> {
  return readRunning(join(cluster, "postmaster.pid"));
}

/** Notes that this process looks after the PostgreSQL of the data folder. */
export async function becomeKeeper(dataDir: string): Promise<void> {
  await writeFile(keeperFile(dataDir), `${process.pid}\n`);
}

/** The process that looks after the PostgreSQL of the data folder, if it runs. */
export function readKeeper(dataDir: string): Promise<number | undefined> {
  return readRunning(keeperFile(dataDir));
}

const keeperFile = (dataDir: string) => join(dataDir, "postgres.keeper");

/** The process whose id is the file's first line, if it runs. */
async function readRunning(file: string): Promise<number | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const pid = Number(text.split("\n")[0]);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
}
