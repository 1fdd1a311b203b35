/** A real PostgreSQL in the data folder, for when no `DATABASE_URL` is given. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { findPrograms, findUser, type PostgresPrograms } from "./binaries.ts";
import { becomeKeeper, readKeeper, readPostmaster } from "./postmaster.ts";
import { clusterFolder, type EmbeddedSettings, embeddedDatabase, embeddedUrl } from "./settings.ts";

const predecessorPatienceMs = 10_000;

/** A running server. */
export interface EmbeddedServer {
  databaseUrl: string;
  /** The postmaster's process id. */
  pid: number;
  /** Resolves when the server has ended, for whatever reason. */
  ended: Promise<void>;
  /** Ends sessions, writes everything, and resolves when the server is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the server of a data folder; the first time it makes the cluster and the database.
 *
 * @param onLog gets the server's log, a line at a time
 * @throws when another process serves the folder, or the server does not start
 */
export async function startEmbeddedServer(
  settings: EmbeddedSettings,
  onLog: (line: string) => void,
): Promise<EmbeddedServer> {
  const cluster = clusterFolder(settings.dataDir);
  const programs = await findPrograms();
  const user = await findUser();
  await waitForPredecessor(settings.dataDir);
  await becomeKeeper(settings.dataDir);
  if (!(await isInitialised(cluster))) await initialise(programs, settings, cluster, user);

  const server = spawn(
    programs.postgres,
    ["-D", cluster, "-p", String(settings.port), ...serverOptions],
    // A group of its own: Ctrl-C on the terminal must not stop it before those who write to it.
    { ...user, detached: true, stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(server, "exit").then(() => undefined);
  await untilReady(server, ended, onLog);
  await createDatabase(settings);
  return {
    databaseUrl: embeddedUrl(settings),
    pid: server.pid ?? 0,
    ended,
    async stop() {
      server.kill("SIGINT");
      await ended;
    },
  };
}

const serverOptions = [
  ["listen_addresses", "127.0.0.1"],
  ["unix_socket_directories", ""],
  ["max_wal_size", "4GB"],
  ["shared_buffers", "256MB"],
].flatMap(([name, value]) => ["-c", `${name}=${value}`]);

const isInitialised = (cluster: string) =>
  access(join(cluster, "PG_VERSION")).then(
    () => true,
    () => false,
  );

async function initialise(
  { initdb }: PostgresPrograms,
  { password }: EmbeddedSettings,
  cluster: string,
  user: SpawnOptions | undefined,
): Promise<void> {
  // What an interrupted initdb left behind holds no data yet.
  await rm(cluster, { recursive: true, force: true });
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  const passwordFile = join(dirname(cluster), "initdb-password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user?.uid !== undefined && user.gid !== undefined) {
    // The server's user must be able to enter the data folder, though not to read it.
    await chmod(dirname(cluster), 0o711);
    await chown(cluster, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  try {
    const flags = ["--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--encoding=UTF8"];
    const child = spawn(initdb, ["-D", cluster, ...flags, "--locale=C.UTF-8"], {
      ...user,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let problems = "";
    child.stderr?.on("data", (text) => {
      problems += text;
    });
    const [code] = await once(child, "exit");
    if (code !== 0) {
      const hint = /permission denied/i.test(problems) ? ": its user must be able to enter every folder above it" : "";
      throw new Error(`initdb failed in ${cluster} (code ${code})${hint}: ${problems.trim()}`);
    }
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Waits for the line by which the server says that it is ready. */
async function untilReady(server: ChildProcess, ended: Promise<void>, onLog: (line: string) => void): Promise<void> {
  if (server.stderr === null) throw new Error("PostgreSQL was spawned without a pipe for its log");
  const lines = createInterface({ input: server.stderr });
  const lastLines: string[] = [];
  const ready = new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      onLog(line);
      lastLines.push(line);
      if (lastLines.length > 5) lastLines.shift();
      if (line.includes("database system is ready to accept connections")) resolve();
    });
  });
  const failed = ended.then(() => {
    throw new Error(`PostgreSQL did not start: ${lastLines.join(" | ")}`);
  });
  await Promise.race([ready, failed]);
  // From here on its end is told by `ended`.
  failed.catch(() => undefined);
}

/** A server that is still shutting down gets a moment. One whose keeper was killed is shut down: nobody else would. */
async function waitForPredecessor(dataDir: string): Promise<void> {
  const cluster = clusterFolder(dataDir);
  const orphan = await readPostmaster(cluster);
  if (orphan !== undefined && (await readKeeper(dataDir)) === undefined) process.kill(orphan, "SIGINT");
  const deadline = Date.now() + predecessorPatienceMs;
  for (;;) {
    const pid = await readPostmaster(cluster);
    if (pid === undefined) return;
    if (Date.now() > deadline) {
      throw new Error(
        `another PostgreSQL (process ${pid}) serves ${cluster}: stop it (kill -INT ${pid}), ` +
          "or choose another data folder with DATA_DIR",
      );
    }
    await sleep(100);
  }
}

async function createDatabase(settings: EmbeddedSettings): Promise<void> {
  const client = new pg.Client({ connectionString: embeddedUrl(settings, "postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [embeddedDatabase]);
    if (rowCount === 0) await client.query(`create database ${embeddedDatabase}`);
  } finally {
    await client.end();
  }
}
