/** A hub inside the test's own process, with real sockets and a real database, and clients for it. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportsOf } from "@physical-ai/export";
import { createHub, type Hub, type HubOptions } from "@physical-ai/hub";
import type { ClientToHubEvents, Packet, Registration } from "@physical-ai/unity-protocol";
import type { HubSocket } from "@physical-ai/unity-protocol/client";
import { pino } from "pino";
import { io } from "socket.io-client";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** Bounds what hangs: a slow machine may take its time. */
const answerTimeoutMs = 120_000;

/** A client as simple as can be: it notes what it hears. */
export interface TestClient {
  socket: HubSocket;
  /** Sends an event and resolves with its acknowledgement. */
  ask(event: Exclude<keyof ClientToHubEvents, "clock">, message: unknown): Promise<unknown>;
  /** The first argument of every event of this name that came. */
  heard(event: string): unknown[];
  close(): void;
}

/** A running hub. Whoever starts it closes it. */
export interface InProcessHub {
  hub: Hub;
  url: string;
  database: TestDatabase;
  blobFolder: string;
  /** Connects without registering; rejects with the hub's refusal. */
  connect(token?: string): Promise<TestClient>;
  /** Connects and registers; throws when the hub does not accept it. */
  join(registration: Registration, token?: string): Promise<TestClient>;
  /** What is in the database of a robot: data type, value and seq, in the order of the rows. */
  rowsOf(robotId: string): Promise<[type: string, value: unknown, seq: number | null][]>;
  /** Closes the clients and the hub, and drops the database. */
  close(): Promise<void>;
}

/** Starts a hub that lets anonymous clients in unless told otherwise. */
export async function startInProcessHub(serverUrl: string, options: Partial<HubOptions> = {}): Promise<InProcessHub> {
  const database = await createTestDatabase(serverUrl);
  const blobFolder = await mkdtemp(join(tmpdir(), "hub-blobs-"));
  const { hub, url } = await listen(database, { blobFolder, ...options });
  const clients = new Set<TestClient>();

  async function connect(token?: string): Promise<TestClient> {
    const client = await connectClient(url, token);
    clients.add(client);
    return client;
  }

  return {
    hub,
    url,
    database,
    blobFolder,
    connect,
    async join(registration, token) {
      const client = await connect(token);
      const answer = await client.ask("register", registration);
      if (!isOk(answer)) throw new Error(`the hub did not accept ${registration.id}: ${JSON.stringify(answer)}`);
      return client;
    },
    async rowsOf(robotId) {
      const { rows } = await database.pool.query(
        "select data_type, payload->'value' as value, seq::int from robot_telemetry where robot_id = $1 order by robot_telemetry.seq, id",
        [robotId],
      );
      return rows.map((row) => [row.data_type, row.value, row.seq]);
    },
    async close() {
      for (const client of clients) client.close();
      await hub.close();
      await database.drop();
      await rm(blobFolder, { recursive: true });
    },
  };
}

/** Makes one more hub listen on a database. Whoever does so closes it. */
export async function listen(
  { store, url: databaseUrl }: Pick<TestDatabase, "store" | "url">,
  options: Partial<HubOptions> & Pick<HubOptions, "blobFolder">,
): Promise<{ hub: Hub; url: string }> {
  const hub = createHub(
    { store, openExport: exportsOf(databaseUrl), logger: pino({ level: "silent" }) },
    { host: "127.0.0.1", port: 0, access: { allowAnonymous: true }, ...options },
  );
  return { hub, url: await hub.listen() };
}

/** Connects to a hub. Whoever connects closes it. */
export async function connectClient(url: string, token?: string): Promise<TestClient> {
  const auth = token === undefined ? {} : { token };
  const socket: HubSocket = io(url, { transports: ["websocket"], auth, forceNew: true, reconnection: false });
  const events: [name: string, first: unknown][] = [];
  socket.onAny((name, first) => events.push([name, first]));
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("connect_error", reject));
  return {
    socket,
    // Tests send what the types forbid, too.
    ask: (event, message) => socket.timeout(answerTimeoutMs).emitWithAck(event, message as never),
    heard: (event) => events.flatMap(([name, first]) => (name === event ? [first] : [])),
    close: () => void socket.disconnect(),
  };
}

function isOk(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "ok" in answer && answer.ok === true;
}

/** Packets of one robot whose values are their places: `firstSeq`, `firstSeq + 1`, … */
export function packetsOf(robotId: string, firstSeq: number, count: number, details: Partial<Packet> = {}): Packet[] {
  return Array.from({ length: count }, (_, index) => ({
    robot_id: robotId,
    robot_type: "EP01",
    type: "imu",
    val: firstSeq + index,
    ...details,
  }));
}

/** A robot's id that no other test uses. */
export const newRobot = (): string => `EP01_${randomUUID().slice(0, 8)}`;
