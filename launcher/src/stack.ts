/** The whole system on one machine: PostgreSQL, hub, brain worker, relay, each a process of its own. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { embeddedSettings, embeddedUrl, readKeeper } from "@physical-ai/db";
import { readOrMakeSecret, signToken } from "@physical-ai/hub/access";
import { programOf, type Room } from "./program.ts";
import { type OnDeath, type SupervisedProcess, supervise } from "./supervised-process.ts";

/** How the stack runs. */
export interface StackOptions {
  host: string;
  port: number;
  dataDir: string;
  /** The embedded PostgreSQL of the data folder when missing. */
  databaseUrl?: string | undefined;
  allowAnonymous: boolean;
  /** What the relay reads: arguments of `npm run relay`. */
  relayArgs: readonly string[];
  /** More arguments of `npm run brain-worker`. */
  workerArgs?: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Told of each step on the way up. */
  onProgress?: (step: string) => void;
  /** Told when a process ended without having been stopped; it is started again. */
  onDeath?: (name: string, how: string) => void;
}

export type ProcessName = "postgres" | "hub" | "brain-worker" | "relay";

/** A running stack. */
export interface Stack {
  /** Of the hub: `http://host:port`. */
  url: string;
  databaseUrl: string;
  /** Proves a viewer. */
  viewerToken: string;
  processes: ReadonlyMap<ProcessName, SupervisedProcess>;
  /** Stops everyone, those who send before those who receive. The database goes on, for a last look. */
  stopClients(): Promise<void>;
  /** Stops everything. */
  stop(): Promise<void>;
}

/** Of the relay that the launcher starts. */
export const relayId = "relay-1";

const readyPatienceMs = 60_000;
const folderPatienceMs = 5_000;

/** Starts everything, and resolves when the hub is ready. What was started is stopped again where that fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { host, port, dataDir, onProgress = () => undefined } = options;
  await checkPort(host, port);
  await checkFolder(dataDir);
  await mkdir(join(dataDir, "logs"), { recursive: true });
  const secretFile = join(dataDir, "secret");
  const secret = await readOrMakeSecret(secretFile);
  const databaseUrl = options.databaseUrl ?? embeddedUrl(await embeddedSettings(dataDir));
  const url = `http://${reachableHost(host)}:${port}`;
  const processes = new Map<ProcessName, SupervisedProcess>();
  const deaths = new Map<string, string>();
  const onDeath: OnDeath = (name, how) => {
    deaths.set(name, how);
    options.onDeath?.(name, how);
  };

  function run(name: ProcessName, room: Room, args: readonly string[], environment: NodeJS.ProcessEnv): void {
    const logFile = join(dataDir, "logs", `${name}.log`);
    const plan = {
      name,
      program: programOf(room),
      args,
      environment: { ...options.environment, ...environment },
      logFile,
    };
    processes.set(name, supervise(plan, onDeath));
  }
  async function stop(...names: ProcessName[]): Promise<void> {
    for (const name of names) await processes.get(name)?.stop();
  }
  async function untilReady(name: ProcessName, isReady: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + readyPatienceMs;
    while (!(await isReady().catch(() => false))) {
      const death = deaths.get(name);
      // A process that ends with code 1 before it was ever ready says why, and would say it again.
      const isHopeless = death?.startsWith("code 1") ?? false;
      if (Date.now() < deadline && !isHopeless) {
        await sleep(100);
        continue;
      }
      await stack.stop();
      const logs = `see the logs in ${join(dataDir, "logs")}`;
      if (isHopeless) throw new Error(`the ${name} could not start (${death}); ${logs}`);
      throw new Error(`the ${name} was not ready within ${readyPatienceMs / 1_000} s; ${logs}`);
    }
  }

  const stack: Stack = {
    url,
    databaseUrl,
    viewerToken: await signToken({ role: "viewer", id: "viewer" }, secret),
    processes,
    stopClients: () => stop("relay", "brain-worker", "hub"),
    stop: () => stop("relay", "brain-worker", "hub", "postgres"),
  };

  if (options.databaseUrl === undefined) {
    onProgress("starting PostgreSQL in the data folder");
    run("postgres", "db", ["serve"], { DATA_DIR: dataDir });
  }
  onProgress("starting the hub");
  run("hub", "hub", [], {
    HOST: host,
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    HUB_SECRET_FILE: secretFile,
    ...(options.allowAnonymous ? { ALLOW_ANONYMOUS: "1" } : {}),
  });
  const api = { headers: { authorization: `Bearer ${stack.viewerToken}` } };
  await untilReady("hub", async () => (await fetch(`${url}/readyz`)).ok);
  onProgress("starting the brain worker");
  run("brain-worker", "brain-worker", options.workerArgs ?? [], {
    HUB_URL: url,
    HUB_TOKEN: await signToken({ role: "brain_worker", id: "worker-1" }, secret),
    WORKER_ID: "worker-1",
    // Several systems on one machine each have their own containers.
    CONTAINER_USER: `worker-1_${createHash("sha256").update(dataDir).digest("hex").slice(0, 8)}`,
  });
  await untilReady("brain-worker", async () =>
    (await (await fetch(`${url}/api/workers`, api)).text()).includes("worker-1"),
  );
  onProgress("starting the relay");
  run("relay", "relay", options.relayArgs, {
    HUB_URL: url,
    HUB_TOKEN: await signToken({ role: "relay", id: relayId }, secret),
    RELAY_ID: relayId,
    DATA_DIR: dataDir,
  });
  return stack;
}

/** One system at a time works on a data folder; one that is just stopping gets a moment. */
async function checkFolder(dataDir: string): Promise<void> {
  const deadline = Date.now() + folderPatienceMs;
  for (;;) {
    const keeper = await readKeeper(dataDir);
    if (keeper === undefined) return;
    if (Date.now() > deadline) {
      throw new Error(
        `the data folder ${dataDir} is in use by another npm start (its PostgreSQL's keeper is process ${keeper}): ` +
          "stop that one, or choose another folder with DATA_DIR",
      );
    }
    await sleep(200);
  }
}

/** How clients on this machine reach a hub that listens on `host`. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** Finds out before anything is started, where the message is easy to find. */
async function checkPort(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause) => {
      const problem = "code" in cause && cause.code === "EADDRINUSE" ? "something else listens there" : cause.message;
      reject(
        new Error(`the hub cannot listen on ${host}:${port}: ${problem}. Choose another port: PORT=${port + 1}`, {
          cause,
        }),
      );
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
