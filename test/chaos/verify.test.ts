/** The judge of `npm run chaos` must see what it is there to see. */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Packet } from "@physical-ai/unity-protocol";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { blobsIn, type PacketSeries, packetOf, sha256, storedValue } from "../src/chaos/content.ts";
import type { JournalSummary } from "../src/chaos/journal.ts";
import { type Findings, verify } from "../src/chaos/verify.ts";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";

const packets = 600;
const streamId = randomUUID();
let series: PacketSeries;
let database: TestDatabase;
let blobFolder: string;

beforeEach(async () => {
  series = { name: "relay-1", startedAt: Date.now(), rate: 300 };
  database = await createTestDatabase(inject("postgresUrl"));
  blobFolder = await mkdtemp(join(tmpdir(), "hub-blobs-"));
  await store(Array.from({ length: packets }, (_, index) => index + 1));
});

afterEach(async () => {
  await database.drop();
  await rm(blobFolder, { recursive: true });
});

test("finds nothing wrong with a table that is right", async () => {
  expect(await findings()).toMatchObject({ packets, ...nothingWrong });
});

test.each([
  ["a row is missing", "delete from robot_telemetry where seq = 77", { lost: 1 }],
  ["the last rows are missing", "delete from robot_telemetry where seq > 590", { lost: 10 }],
  [
    "a row is there twice",
    `insert into robot_telemetry (${columns()}) select ${columns()} from robot_telemetry where seq = 5`,
    { doubled: 1 },
  ],
  [
    "a row is of nobody's stream",
    "update robot_telemetry set stream_id = null where seq = 600",
    { doubled: 1, lost: 1 },
  ],
  [
    "two rows have changed places",
    "update robot_telemetry set seq = 201 - seq where seq in (100, 101)",
    { out_of_order: 2 },
  ],
  ["a value has changed", `update robot_telemetry set payload = '{"value": 1}' where seq = 9`, { wrong_content: 1 }],
  ["a robot has changed", "update robot_telemetry set robot_id = 'another' where seq = 9", { wrong_content: 1 }],
  [
    "a time has changed",
    "update robot_telemetry set created_at = created_at + interval '2 s' where seq = 9",
    { wrong_content: 1 },
  ],
])("sees that %s", async (_, sql, expected) => {
  await database.pool.query(sql);
  expect(await findings()).toMatchObject({ ...nothingWrong, ...expected });
});

test("sees that a blob has changed", async () => {
  const [blob] = blobsIn(packetOf(series, 250).val);
  if (blob === undefined) throw new Error("expected packet 250 to be a picture");
  await writeFile(fileOf(blob), "something else");
  expect(await findings()).toMatchObject({ wrong_content: 1 });
});

test.each([
  ["the relay's buffer was full", 12, 13, 0],
  ["the relay's buffer was full", 12, 14, 1],
  ["the hub had acknowledged these and no longer has them", 12, 13, 2],
])("what a gap names is not lost, except events and other reasons: %s, %i to %i", async (reason, first, last, lost) => {
  const count = last - first + 1;
  const gap = { first_seq: first, last_seq: last, count, reason };
  await database.pool.query("delete from robot_telemetry where seq between $1 and $2 - 1", [first, last]);
  await database.pool.query("update robot_telemetry set data_type = 'relay_gap', payload = $1 where seq = $2", [
    { value: gap },
    last,
  ]);
  expect(packetOf(series, 14).type).toBe("impact");
  expect(await findings()).toMatchObject({ ...nothingWrong, gaps_reported: 1, packets_in_gaps: count, lost });
});

test("sees what a relay's log has lost", async () => {
  expect(await findings({ lostByLog: 3 })).toMatchObject({ lost: 3 });
  expect(await findings({ streamIds: [streamId, randomUUID()] })).toMatchObject({ lost: 1 });
});

const nothingWrong: Partial<Findings> = { lost: 0, doubled: 0, gaps_reported: 0, out_of_order: 0, wrong_content: 0 };

function findings(changes: Partial<JournalSummary> = {}): Promise<Findings> {
  const journal = { streamIds: [streamId], accepted: packets, lostByLog: 0, silent: true, ...changes };
  return verify(database.pool, [{ series, journal }], blobFolder, () => undefined);
}

async function store(indices: readonly number[]): Promise<void> {
  const rows = indices.map((index) => ({ index, packet: packetOf(series, index) }));
  await database.store.openStream(streamId, "relay-1");
  await database.store.commitTelemetry([
    {
      rows: rows.map(({ index, packet }) => rowOf(index, packet)),
      stream: { streamId, expectedSeq: 0, lastSeq: indices.length },
    },
  ]);
  for (const blob of rows.flatMap(({ packet }) => blobsIn(packet.val))) {
    await mkdir(join(fileOf(blob), ".."), { recursive: true });
    await writeFile(fileOf(blob), blob);
  }
}

function rowOf(seq: number, packet: Packet) {
  const { robot_id: robotId, robot_type: robotType, type: dataType, ts: createdAt = 0 } = packet;
  const valueJson = JSON.stringify(storedValue(packet.val));
  return { robotId, robotType, dataType, valueJson, createdAt, receivedAt: createdAt, streamId, seq };
}

const fileOf = (blob: Uint8Array) => join(blobFolder, sha256(blob).slice(0, 2), sha256(blob));

function columns(): string {
  return "robot_id, robot_type, data_type, payload, created_at, received_at, stream_id, seq";
}
