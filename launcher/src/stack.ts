/** The whole system on one machine: PostgreSQL, hub, brain worker, relay, each a process of its own. */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { embeddedSettings, embeddedUrl } from "@physical-ai/db";
import { readOrMakeSecret, signToken } from "@physical-ai/hub/access";
import { checkFolder, checkPort } from "./preconditions.ts";
import { Processes, type ProcessName } from "./processes.ts";
import type { Death, SupervisedProcess } from "./supervised-process.ts";

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
  onDeath?: (death: Death) => void;
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

/** What every process of a stack is told about the others. */
interface Surroundings {
  /** Of the hub. */
  url: string;
  databaseUrl: string;
  secretFile: string;
  secret: string;
  viewerToken: string;
}

/** Starts everything, and resolves when the hub is ready. What was started is stopped again where that fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { host, port, dataDir, environment, onDeath } = options;
  await checkPort(host, port);
  await checkFolder(dataDir);
  const logFolder = join(dataDir, "logs");
  await mkdir(logFolder, { recursive: true });
  const surroundings = await surroundingsOf(options);
  const processes = new Processes({ logFolder, environment, onDeath });
  const { url, databaseUrl, viewerToken } = surroundings;
  const stack: Stack = {
    url,
    databaseUrl,
    viewerToken,
    processes: processes.byName,
    stopClients: () => processes.stop("relay", "brain-worker", "hub"),
    stop: () => processes.stop("relay", "brain-worker", "hub", "postgres"),
  };
  try {
    await startProcesses(processes, options, surroundings);
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function surroundingsOf({ host, port, dataDir, databaseUrl }: StackOptions): Promise<Surroundings> {
  const secretFile = join(dataDir, "secret");
  const secret = await readOrMakeSecret(secretFile);
  return {
    url: `http://${reachableHost(host)}:${port}`,
    databaseUrl: databaseUrl ?? embeddedUrl(await embeddedSettings(dataDir)),
    secretFile,
    secret,
    viewerToken: await signToken({ role: "viewer", id: "viewer" }, secret),
  };
}

/** Each when those that it needs are ready. */
async function startProcesses(processes: Processes, options: StackOptions, around: Surroundings): Promise<void> {
  const { dataDir, onProgress = () => undefined } = options;
  const { url, secret } = around;
  if (options.databaseUrl === undefined) {
    onProgress("starting PostgreSQL in the data folder");
    processes.run("postgres", "db", ["serve"], { DATA_DIR: dataDir });
  }
  onProgress("starting the hub");
  processes.run("hub", "hub", [], hubEnvironment(options, around));
  await processes.untilReady("hub", async () => (await fetch(`${url}/readyz`)).ok);
  onProgress("starting the brain worker");
  processes.run("brain-worker", "brain-worker", options.workerArgs ?? [], {
    HUB_URL: url,
    HUB_TOKEN: await signToken({ role: "brain_worker", id: "worker-1" }, secret),
    WORKER_ID: "worker-1",
    // Several systems on one machine each have their own containers.
    CONTAINER_USER: `worker-1_${createHash("sha256").update(dataDir).digest("hex").slice(0, 8)}`,
  });
  await processes.untilReady("brain-worker", () => isRegistered("worker-1", around));
  onProgress("starting the relay");
  processes.run("relay", "relay", options.relayArgs, {
    HUB_URL: url,
    HUB_TOKEN: await signToken({ role: "relay", id: relayId }, secret),
    RELAY_ID: relayId,
    DATA_DIR: dataDir,
  });
}

const hubEnvironment = (
  { host, port, dataDir, allowAnonymous }: StackOptions,
  { databaseUrl, secretFile }: Surroundings,
): NodeJS.ProcessEnv => ({
  HOST: host,
  PORT: String(port),
  DATABASE_URL: databaseUrl,
  DATA_DIR: dataDir,
  HUB_SECRET_FILE: secretFile,
  ...(allowAnonymous ? { ALLOW_ANONYMOUS: "1" } : {}),
});

async function isRegistered(workerId: string, { url, viewerToken }: Surroundings): Promise<boolean> {
  const workers = await fetch(`${url}/api/workers`, { headers: { authorization: `Bearer ${viewerToken}` } });
  return (await workers.text()).includes(workerId);
}

/** For people: where everything is, and when it ends, after `seconds` or on Ctrl-C. */
export function describeStack({ url, viewerToken, databaseUrl }: Stack, dataDir: string, seconds?: number): string {
  return [
    "",
    "  The robot drives. Look at it:",
    "",
    `    page   ${url}/?token=${viewerToken}`,
    `    token  ${viewerToken}  (for viewers; others: npm run hub -- token --help)`,
    `    SQL    psql "${databaseUrl}"`,
    `    logs   ${dataDir}/logs`,
    "",
    seconds === undefined ? "  Ctrl-C stops it." : `  It stops after ${seconds} seconds.`,
    "",
  ].join("\n");
}

/** How clients on this machine reach a hub that listens on `host`. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
