/** Relay → hub → commit → acknowledgement, against COPY alone, Socket.IO alone, and one INSERT a packet. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { signToken } from "@physical-ai/hub/access";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { startTestHub } from "../test-hub.ts";
import { startBareServer } from "./bare-server.ts";
import { type Bench, type BenchContext, median, ratePerSecond } from "./bench.ts";
import { measureSender } from "./measure-sender.ts";
import { benchPacket } from "./packets.ts";

const rows = 200_000;
const naiveRows = 4_000;
const rounds = 3;

export const ingest: Bench = {
  description: "relay → hub → commit → ack against COPY, bare Socket.IO and one INSERT a packet",
  async run(context) {
    const results: RoundResult[] = [];
    for (let round = 1; round <= rounds; round++) {
      context.say(`round ${round} of ${rounds}`);
      results.push(await runRound(context));
    }
    const figure = (pick: (result: RoundResult) => number) => median(results.map(pick));
    return {
      rows_per_s: figure((result) => result.hub),
      copy_rows_per_s: figure((result) => result.copy),
      socketio_rows_per_s: figure((result) => result.socketio),
      naive_rows_per_s: figure((result) => result.naive),
      ratio: figure((result) => result.hub / result.copy),
      ratio_disk_log: figure((result) => result.hubDiskLog / result.copy),
      robots_1_vs_1000: figure((result) => result.hub / result.hubThousandRobots),
    };
  },
};

interface RoundResult {
  copy: number;
  hub: number;
  hubThousandRobots: number;
  hubDiskLog: number;
  socketio: number;
  naive: number;
}

/** Each measurement on an empty table, one after the other: the machine's mood is the same for all. */
async function runRound({ postgresUrl, folder, say }: BenchContext): Promise<RoundResult> {
  const onEmptyTable = async (work: (database: TestDatabase) => Promise<number>) => {
    const database = await createTestDatabase(postgresUrl);
    return work(database).finally(() => database.drop());
  };
  const told = (what: string, rate: number) => {
    say(`  ${what.padEnd(34)} ${Math.round(rate)} rows/s`);
    return rate;
  };
  const copy = told("COPY from one client", await onEmptyTable((database) => measureCopy(database.pool)));
  const hub = told("relay → hub → commit → ack", await onEmptyTable((database) => measureHub(database, folder, {})));
  const hubThousandRobots = told(
    "the same from 1,000 robots",
    await onEmptyTable((database) => measureHub(database, folder, { robots: 1_000 })),
  );
  const hubDiskLog = told(
    "the same from a log on disk",
    await onEmptyTable((database) => measureHub(database, folder, { log: "disk" })),
  );
  const socketio = told("Socket.IO alone", await measureSocketIo());
  const naive = told("one INSERT a packet", await onEmptyTable((database) => measureNaive(database.pool)));
  return { copy, hub, hubThousandRobots, hubDiskLog, socketio, naive };
}

async function measureCopy(pool: pg.Pool): Promise<number> {
  const now = new Date().toISOString();
  const stream = crypto.randomUUID();
  const chunks: Buffer[] = [];
  for (let index = 0; index < rows; index += 1_000) {
    let text = "";
    for (let row = index; row < index + 1_000; row++) {
      const packet = benchPacket(row, 1);
      const payload = JSON.stringify({ value: packet.val });
      text += `${packet.robot_id}\t${packet.robot_type}\t${packet.type}\t${payload}\t${now}\t${now}\t${stream}\t${row + 1}\n`;
    }
    chunks.push(Buffer.from(text));
  }
  const client = await pool.connect();
  try {
    return await ratePerSecond(rows, async () => {
      const copy = client.query(
        copyFrom(
          "copy robot_telemetry (robot_id, robot_type, data_type, payload, created_at, received_at, stream_id, seq) from stdin",
        ),
      );
      for (const chunk of chunks) if (!copy.write(chunk)) await once(copy, "drain");
      copy.end();
      await finished(copy);
    });
  } finally {
    client.release();
  }
}

/** `log`: where the relay keeps what is not committed. */
async function measureHub(
  database: TestDatabase,
  folder: string,
  { robots = 1, log = "memory" }: { robots?: number; log?: "memory" | "disk" },
): Promise<number> {
  const hub = await startTestHub({ databaseUrl: database.url, folder });
  try {
    const token = await signToken({ role: "relay", id: "bench" }, hub.secret);
    const disk = log === "disk" ? { diskFolder: join(folder, crypto.randomUUID()) } : {};
    const rate = await measureSender({ url: hub.url, token, packets: rows, robots, ...disk });
    const { rows: counted } = await database.pool.query("select count(*)::int as count from robot_telemetry");
    if (counted[0]?.count !== rows)
      throw new Error(`expected ${rows} rows in the table; there are ${counted[0]?.count}`);
    return rate;
  } finally {
    await hub.stop();
  }
}

async function measureSocketIo(): Promise<number> {
  const server = await startBareServer();
  return measureSender({ url: server.url, token: "", packets: rows }).finally(() => server.stop());
}

async function measureNaive(pool: pg.Pool): Promise<number> {
  return ratePerSecond(naiveRows, async () => {
    for (let index = 0; index < naiveRows; index++) {
      const packet = benchPacket(index, 1);
      await pool.query(
        `insert into robot_telemetry (robot_id, robot_type, data_type, payload, created_at, received_at)
         values ($1, $2, $3, $4, $5, $6)`,
        [packet.robot_id, packet.robot_type, packet.type, { value: packet.val }, new Date(packet.ts ?? 0), new Date()],
      );
    }
  });
}
