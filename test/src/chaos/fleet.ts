/** The whole system as processes that may be killed, with a bad network between relays, hubs and database. */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EmbeddedSettings, embeddedSettings, embeddedUrl } from "@physical-ai/db";
import { readOrMakeSecret, signToken } from "@physical-ai/hub/access";
import { programOf } from "@physical-ai/launcher";
import type { PacketSeries } from "./content.ts";
import { type Crew, createCrew, type Member } from "./crew.ts";
import type { TcpProxy } from "./proxy.ts";
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
  const crew = createCrew(folder);
  const ground: Ground = {
    ...options,
    crew,
    secret: await readOrMakeSecret(join(folder, "secret")),
    settings: await settingsWithSteadyPort(folder),
    silenceFile: join(folder, "silence"),
  };
  try {
    const postgres = crew.run("postgres", programOf("db"), ["serve"], { DATA_DIR: folder });
    const hubs = await inTurn("hub", options.hubs, (name) => startHub(ground, name));
    for (const hub of hubs) await until(`${hub.name} is ready`, () => isReady(hub.url), readyPatienceMs);
    const atHub = <T>(start: (ground: Ground, name: string, hub: HubMember) => Promise<T>) => {
      return (name: string, index: number) => start(ground, name, elementOf(hubs, index));
    };
    return {
      postgres,
      hubs,
      workers: await inTurn("worker", options.hubs, atHub(startWorker)),
      viewers: await inTurn("viewer", options.hubs, atHub(startViewer)),
      relays: await inTurn("relay", options.relays, atHub(startRelay)),
      databaseUrl: embeddedUrl(ground.settings),
      blobFolder: join(folder, "blobs"),
      silenceFile: ground.silenceFile,
      crashes: crew.crashes,
      stop: crew.dismiss,
    };
  } catch (error) {
    await crew.dismiss();
    throw error;
  }
}

/** What all members stand on. */
interface Ground extends FleetOptions {
  crew: Crew;
  secret: string;
  settings: EmbeddedSettings;
  silenceFile: string;
}

async function startHub({ crew, folder, settings }: Ground, name: string): Promise<HubMember> {
  const database = await crew.openProxy(settings.port);
  const port = await steadyPort();
  const member = crew.run(name, programOf("hub"), [], {
    HOST: "127.0.0.1",
    PORT: String(port),
    DATABASE_URL: embeddedUrl({ ...settings, port: database.port }),
    DATA_DIR: folder,
  });
  return { ...member, url: `http://127.0.0.1:${port}`, port, database };
}

async function startWorker({ crew, secret }: Ground, name: string, hub: HubMember): Promise<Member> {
  const token = await signToken({ role: "brain_worker", id: name }, secret);
  return crew.run(name, programOf("brain-worker"), [], { HUB_URL: hub.url, HUB_TOKEN: token, WORKER_ID: name });
}

async function startViewer({ crew, secret }: Ground, name: string, hub: HubMember): Promise<Member> {
  const token = await signToken({ role: "viewer", id: name }, secret);
  return crew.run(name, ownProgram("viewer-process"), [hub.url, token, name]);
}

async function startRelay(ground: Ground, name: string, home: HubMember): Promise<RelayMember> {
  const { crew, folder, secret, silenceFile, rate, quotaMb } = ground;
  const link = await crew.openProxy(home.port);
  const token = await signToken({ role: "relay", id: name }, secret);
  const series: PacketSeries = { name, startedAt: Date.now(), rate };
  const figures = [series.startedAt, rate, quotaMb].map(String);
  const url = `http://127.0.0.1:${link.port}`;
  const member = crew.run(name, ownProgram("relay-process"), [url, token, name, folder, silenceFile, ...figures]);
  return { ...member, series, journalFile: join(folder, `${name}.journal`), link, home };
}

async function inTurn<T>(
  what: string,
  count: number,
  start: (name: string, index: number) => Promise<T>,
): Promise<T[]> {
  const started: T[] = [];
  for (let index = 0; index < count; index++) started.push(await start(`${what}-${index + 1}`, index));
  return started;
}

/** Begins again at the first after the last. */
function elementOf<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error("a fleet has at least one hub");
  return item;
}

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
