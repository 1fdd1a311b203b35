/** The embedded server's port and password, kept in the data folder so that its address stays the same. */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { readPostmaster } from "./postmaster.ts";

const usualPort = 5433;
const Settings = Type.Object({ port: Type.Integer({ minimum: 1, maximum: 65535 }), password: Type.String() });
const validateSettings = compileValidator("postgres.json", Settings);

/** The database that the hub uses in the embedded server. */
export const embeddedDatabase = "hub";

/** Where the embedded server of a data folder listens, or will. */
export interface EmbeddedSettings {
  dataDir: string;
  port: number;
  password: string;
}

/**
 * Reads the settings of a data folder, or decides on them. Starts nothing.
 *
 * @param dataDir made where it is missing
 */
export async function embeddedSettings(dataDir: string): Promise<EmbeddedSettings> {
  await mkdir(dataDir, { recursive: true });
  const file = settingsFile(dataDir);
  const kept = await readSettings(file);
  const password = kept?.password ?? randomBytes(18).toString("base64url");
  const running = (await readPostmaster(clusterFolder(dataDir))) !== undefined;
  const port = kept !== undefined && (running || (await isFree(kept.port))) ? kept.port : await findFreePort();
  await writeFile(file, `${JSON.stringify({ port, password }, undefined, 2)}\n`, { mode: 0o600 });
  return { dataDir, port, password };
}

/**
 * Reads the settings of the server that runs in a data folder. Writes nothing.
 *
 * @throws when there is no database, or it does not run
 */
export async function runningSettings(dataDir: string): Promise<EmbeddedSettings> {
  const kept = await readSettings(settingsFile(dataDir));
  if (kept === undefined) {
    throw new Error(
      `there is no database in ${dataDir}: name the data folder of npm start with --data-dir or DATA_DIR, ` +
        "or another PostgreSQL with --database-url or DATABASE_URL",
    );
  }
  if ((await readPostmaster(clusterFolder(dataDir))) !== undefined) return { dataDir, ...kept };
  throw new Error(
    `the database in ${dataDir} does not run: start it with npm run db -- serve --data-dir ${dataDir}, ` +
      "or everything with npm start",
  );
}

/** The connection string of the embedded server. */
export function embeddedUrl({ port, password }: EmbeddedSettings, database = embeddedDatabase): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
}

/** Where the server's files are. */
export function clusterFolder(dataDir: string): string {
  return join(dataDir, "postgres");
}

const settingsFile = (dataDir: string) => join(dataDir, "postgres.json");

async function readSettings(file: string): Promise<Type.Static<typeof Settings> | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const settings = validateSettings(JSON.parse(text));
  if (!settings.ok) throw new Error(`${file}: ${settings.problem}`);
  return settings.value;
}

/** Where another server has the usual port the system chooses one: several that start at once do not meet there. */
async function findFreePort(): Promise<number> {
  return (await tryPort(usualPort)) ?? (await tryPort(0)) ?? Promise.reject(new Error("no free port for PostgreSQL"));
}

const isFree = async (port: number) => (await tryPort(port)) !== undefined;

/** The port when it is free, one that the system chose for 0; `undefined` when it is taken. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(undefined));
    probe.listen(port, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined));
    });
  });
}
