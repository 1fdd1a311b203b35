/** The whole system on one machine: PostgreSQL, hub, brain worker, relay, each a process of its own. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { embeddedSettings, embeddedUrl } from "@physical-ai/db";
import { readOrMakeSecret, signToken } from "@physical-ai/hub/access";
import { checkFolder, checkPort } from "./preconditions.ts";
import { createProcesses, type ProcessName } from "./processes.ts";
import type { OnDeath, SupervisedProcess } from "./supervised-process.ts";

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
  onDeath?: OnDeath;
}

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

/** Starts everything, and resolves when the hub is ready. What was started is stopped again where that fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { host, port, dataDir, environment, onDeath, onProgress = () => undefined } = options;
  await checkPort(host, port);
  await checkFolder(dataDir);
  const logFolder = join(dataDir, "logs");
  await mkdir(logFolder, { recursive: true });
  const secretFile = join(dataDir, "secret");
  const secret = await readOrMakeSecret(secretFile);
  const databaseUrl = options.databaseUrl ?? embeddedUrl(await embeddedSettings(dataDir));
  const url = `http://${reachableHost(host)}:${port}`;
  const { byName, run, untilReady, stop } = createProcesses({ logFolder, environment, onDeath });
  const stack: Stack = {
    url,
    databaseUrl,
    viewerToken: await signToken({ role: "viewer", id: "viewer" }, secret),
    processes: byName,
    stopClients: () => stop("relay", "brain-worker", "hub"),
    stop: () => stop("relay", "brain-worker", "hub", "postgres"),
  };

  async function start(): Promise<void> {
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
    await untilReady("hub", async () => (await fetch(`${url}/readyz`)).ok);
    onProgress("starting the brain worker");
    run("brain-worker", "brain-worker", options.workerArgs ?? [], {
      HUB_URL: url,
      HUB_TOKEN: await signToken({ role: "brain_worker", id: "worker-1" }, secret),
      WORKER_ID: "worker-1",
      // Several systems on one machine each have their own containers.
      CONTAINER_USER: `worker-1_${createHash("sha256").update(dataDir).digest("hex").slice(0, 8)}`,
    });
    const api = { headers: { authorization: `Bearer ${stack.viewerToken}` } };
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
  }

  try {
    await start();
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** How clients on this machine reach a hub that listens on `host`. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
