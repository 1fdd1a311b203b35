/** The embedded server's port and password, kept in the data folder so that its address stays the same. */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { readPostmaster } from "./postmaster.ts";

const firstPort = 5433;
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
  const file = join(dataDir, "postgres.json");
  const kept = await readSettings(file);
  const password = kept?.password ?? randomBytes(18).toString("base64url");
  const running = (await readPostmaster(clusterFolder(dataDir))) !== undefined;
  const port = kept !== undefined && (running || (await isFree(kept.port))) ? kept.port : await findFreePort();
  await writeFile(file, `${JSON.stringify({ port, password }, undefined, 2)}\n`, { mode: 0o600 });
  return { dataDir, port, password };
}

/** The connection string of the embedded server. */
export function embeddedUrl({ port, password }: EmbeddedSettings, database = embeddedDatabase): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
}

/** Where the server's files are. */
export function clusterFolder(dataDir: string): string {
  return join(dataDir, "postgres");
}

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

async function findFreePort(): Promise<number> {
  for (let port = firstPort; port < firstPort + 200; port++) if (await isFree(port)) return port;
  throw new Error(`no free port for PostgreSQL between ${firstPort} and ${firstPort + 199}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
