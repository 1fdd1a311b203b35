/** The whole system as processes that may be killed, with a bad network between relays, hubs and database. */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EmbeddedSettings, embeddedSettings, embeddedUrl } from "@physical-ai/db";
import { readOrMakeSecret, signToken } from "@physical-ai/hub/access";
import { type SupervisedProcess, supervise } from "@physical-ai/launcher";
import type { PacketSeries } from "./content.ts";
import { openProxy, type TcpProxy } from "./proxy.ts";
import { until } from "./until.ts";

/** How large it is, and how busy. */
export interface FleetOptions {
  /** Everything lies here; the processes' logs too. */
  folder: string;
  hubs: number;
  relays: number;
  /** Packets a second of each relay. */
  rate: number;
  /** Of each relay's disk log. */
  quotaMb: number;
}

export interface Member {
  name: string;
  process: SupervisedProcess;
}

export interface HubMember extends Member {
  url: string;
  port: number;
  /** Between the hub and PostgreSQL. */
  database: TcpProxy;
}

export interface RelayMember extends Member {
  series: PacketSeries;
  journalFile: string;
  /** Between the relay and its hub. */
  link: TcpProxy;
  /** Where the relay belongs when nobody has moved it. */
  home: HubMember;
}

/** A running fleet. Whoever starts it stops it. */
export interface Fleet {
  postgres: Member;
  hubs: readonly HubMember[];
  /** One at each hub. */
  workers: readonly Member[];
  /** One at each hub. */
  viewers: readonly Member[];
  relays: readonly RelayMember[];
  /** Past the proxies. */
  databaseUrl: string;
  blobFolder: string;
  /** While this file exists the relays' sources make nothing. */
  silenceFile: string;
  /** Processes that ended without having been killed, and how. */
  readonly crashes: readonly string[];
  stop(): Promise<void>;
}

const readyPatienceMs = 60_000;

/** Starts it, and resolves when every hub is ready. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { folder } = options;
  await mkdir(join(folder, "logs"), { recursive: true });
  const crashes: string[] = [];
  const closers: (() => Promise<void>)[] = [];

  function run(name: string, program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Member {
    const logFile = join(folder, "logs", `${name}.log`);
    const plan = { name, program, args, environment: { ...process.env, LOG_LEVEL: "warn", ...environment }, logFile };
    const supervised = supervise(plan, (_, how) => {
      // The one who looks after PostgreSQL ends with an error when PostgreSQL was killed, as it should.
      if (how !== "SIGKILL" && name !== "postgres") crashes.push(`${name}: ${how}`);
    });
    closers.unshift(() => supervised.stop());
    return { name, process: supervised };
  }
  async function proxyTo(port: number): Promise<TcpProxy> {
    const proxy = await openProxy(port);
    closers.unshift(() => proxy.close());
    return proxy;
  }

  async function startHub(name: string): Promise<HubMember> {
    const database = await proxyTo(settings.port);
    const port = await steadyPort();
    const member = run(name, roomProgram("hub"), [], {
      HOST: "127.0.0.1",
      PORT: String(port),
      DATABASE_URL: embeddedUrl({ ...settings, port: database.port }),
      DATA_DIR: folder,
    });
    return { ...member, url: `http://127.0.0.1:${port}`, port, database };
  }
  async function startWorker(name: string, hub: HubMember): Promise<Member> {
    const token = await signToken({ role: "brain_worker", id: name }, secret);
    return run(name, roomProgram("brain-worker"), [], { HUB_URL: hub.url, HUB_TOKEN: token, WORKER_ID: name });
  }
  async function startViewer(name: string, hub: HubMember): Promise<Member> {
    const token = await signToken({ role: "viewer", id: name }, secret);
    return run(name, ownProgram("viewer-process"), [hub.url, token, name]);
  }
  async function startRelay(name: string, home: HubMember): Promise<RelayMember> {
    const link = await proxyTo(home.port);
    const token = await signToken({ role: "relay", id: name }, secret);
    const series: PacketSeries = { name, startedAt: Date.now(), rate: options.rate };
    const url = `http://127.0.0.1:${link.port}`;
    const figures = [series.startedAt, series.rate, options.quotaMb].map(String);
    const member = run(name, ownProgram("relay-process"), [url, token, name, folder, silenceFile, ...figures]);
    return { ...member, series, journalFile: join(folder, `${name}.journal`), link, home };
  }

  const silenceFile = join(folder, "silence");
  const secret = await readOrMakeSecret(join(folder, "secret"));
  const settings = await settingsWithSteadyPort(folder);
  async function stop(): Promise<void> {
    for (const close of closers) await close();
  }
  try {
    const postgres = run("postgres", roomProgram("db"), ["serve"], { DATA_DIR: folder });
    const hubs = await inTurn(numbered("hub", options.hubs), (name) => startHub(name));
    for (const hub of hubs) await until(`${hub.name} is ready`, () => isReady(hub.url), readyPatienceMs);
    const atHub = (index: number) => {
      const hub = hubs[index % hubs.length];
      if (hub === undefined) throw new Error("a fleet has at least one hub");
      return hub;
    };
    return {
      postgres,
      hubs,
      workers: await inTurn(numbered("worker", options.hubs), (name, index) => startWorker(name, atHub(index))),
      viewers: await inTurn(numbered("viewer", options.hubs), (name, index) => startViewer(name, atHub(index))),
      relays: await inTurn(numbered("relay", options.relays), (name, index) => startRelay(name, atHub(index))),
      databaseUrl: embeddedUrl(settings),
      blobFolder: join(folder, "blobs"),
      silenceFile,
      crashes,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

async function inTurn<T>(names: readonly string[], start: (name: string, index: number) => Promise<T>): Promise<T[]> {
  const started: T[] = [];
  for (const [index, name] of names.entries()) started.push(await start(name, index));
  return started;
}

const roomProgram = (room: string) =>
  fileURLToPath(import.meta.resolve(`@physical-ai/${room}`)).replace(/index\.js$/, "main.js");

const ownProgram = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

/** The data folder's settings stay as they are while the port is free. */
async function settingsWithSteadyPort(dataDir: string): Promise<EmbeddedSettings> {
  const settings = { port: await steadyPort(), password: randomBytes(18).toString("base64url") };
  await writeFile(join(dataDir, "postgres.json"), JSON.stringify(settings), { mode: 0o600 });
  return embeddedSettings(dataDir);
}

/** Runs at the same time look for ports in different places. */
let nextPort = 20_000 + (process.pid % 1_000) * 10;

/** A port below those that outgoing connections get: nobody takes it while its owner is dead. */
async function steadyPort(): Promise<number> {
  while (!(await isFree(nextPort))) nextPort++;
  return nextPort++;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
