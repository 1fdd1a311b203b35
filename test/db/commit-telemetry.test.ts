import { randomUUID } from "node:crypto";
import { createStore, openPool, type TelemetryBatch, type TelemetryRow } from "@physical-ai/db";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";

const dayMs = 86_400_000;
const nul = '"\\u0000"';

describe("commitTelemetry", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
  });
  afterAll(() => database.drop());

  /** A stream that the store knows, standing at 0. */
  async function openStream(): Promise<string> {
    const streamId = randomUUID();
    expect(await database.store.openStream(streamId, "relay-1")).toBe(0);
    return streamId;
  }

  async function seqsOf(streamId: string): Promise<number[]> {
    const { rows } = await database.pool.query(
      "select seq::int from robot_telemetry where stream_id = $1 order by robot_telemetry.seq, id",
      [streamId],
    );
    return rows.map((row) => row.seq);
  }

  async function valuesOf(streamId: string): Promise<unknown[]> {
    const { rows } = await database.pool.query(
      "select payload from robot_telemetry where stream_id = $1 order by seq",
      [streamId],
    );
    return rows.map((row) => row.payload.value);
  }

  const committedSeqOf = (streamId: string) => database.store.openStream(streamId, "relay-1");

  it("keeps every column as it came", async () => {
    const streamId = await openStream();
    const row: TelemetryRow = {
      robotId: "ロボット\\N",
      robotType: "EP\\01",
      dataType: "a\\tb",
      valueJson: '{"text": "tab\\tnew line\\nback\\\\slash"}',
      createdAt: Date.now() - 5_000,
      receivedAt: Date.now(),
      streamId,
      seq: 1,
    };
    await database.store.commitTelemetry([{ rows: [row], stream: { streamId, expectedSeq: 0, lastSeq: 1 } }]);
    const { rows } = await database.pool.query("select * from robot_telemetry where stream_id = $1", [streamId]);
    expect(rows).toEqual([
      {
        id: expect.any(String),
        robot_id: row.robotId,
        robot_type: row.robotType,
        data_type: row.dataType,
        payload: { value: { text: "tab\tnew line\nback\\slash" } },
        created_at: new Date(row.createdAt),
        received_at: new Date(row.receivedAt),
        stream_id: streamId,
        seq: "1",
      },
    ]);
  });

  it("keeps every JSON value that JSONB can hold", async () => {
    // JSONB holds numbers as decimals: -0 is 0 there. What it refuses is refused before, see hub/src/ingest/storable.ts.
    const text = fc.string({ unit: "binary" }).filter((value) => !/[\0\p{Surrogate}]/u.test(value));
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "medium" },
        fc.constantFrom(null, true, false, 0.1, 1e-300, 1.7e308, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
        number,
        text,
        fc.array(tie("value")),
        fc.dictionary(text, tie("value")),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 20, maxLength: 60 }), async (values) => {
        const streamId = await openStream();
        const outcomes = await database.store.commitTelemetry([batchOf(streamId, 0, values)]);
        expect(outcomes).toEqual([{ kind: "committed" }]);
        expect(await valuesOf(streamId)).toEqual(JSON.parse(JSON.stringify(values)));
      }),
      { numRuns: 25 },
    );
  });

  it("keeps a value that is nested as deep as the hub lets through", async () => {
    const streamId = await openStream();
    const deep = JSON.parse("[".repeat(100) + "]".repeat(100));
    await database.store.commitTelemetry([batchOf(streamId, 0, [deep])]);
    expect(await valuesOf(streamId)).toEqual([deep]);
  });

  it("moves the stream together with its rows", async () => {
    const streamId = await openStream();
    await database.store.commitTelemetry([batchOf(streamId, 0, [1, 2, 3])]);
    expect(await committedSeqOf(streamId)).toBe(3);
    await database.store.commitTelemetry([batchOf(streamId, 3, [4])]);
    expect(await committedSeqOf(streamId)).toBe(4);
    expect(await seqsOf(streamId)).toEqual([1, 2, 3, 4]);
  });

  it("writes nothing of a batch that is sent again, and says where the stream stands", async () => {
    const streamId = await openStream();
    await database.store.commitTelemetry([batchOf(streamId, 0, [1, 2, 3])]);
    const again = await database.store.commitTelemetry([batchOf(streamId, 0, [1, 2, 3])]);
    expect(again).toEqual([{ kind: "conflict", committedSeq: 3 }]);
    expect(await seqsOf(streamId)).toEqual([1, 2, 3]);
  });

  it("writes nothing of a batch that leaves a gap", async () => {
    const streamId = await openStream();
    await database.store.commitTelemetry([batchOf(streamId, 0, [1])]);
    expect(await database.store.commitTelemetry([batchOf(streamId, 5, [6])])).toEqual([
      { kind: "conflict", committedSeq: 1 },
    ]);
    expect(await seqsOf(streamId)).toEqual([1]);
    expect(await committedSeqOf(streamId)).toBe(1);
  });

  it("writes nothing of a stream that it does not know", async () => {
    const streamId = randomUUID();
    expect(await database.store.commitTelemetry([batchOf(streamId, 0, [1])])).toEqual([
      { kind: "conflict", committedSeq: 0 },
    ]);
    expect(await seqsOf(streamId)).toEqual([]);
  });

  it("knows a stream however its id is written", async () => {
    const streamId = await openStream();
    const shouted = batchOf(streamId.toUpperCase(), 0, [1, 2]);
    expect(await database.store.commitTelemetry([shouted])).toEqual([{ kind: "committed" }]);
    expect(await database.store.commitTelemetry([shouted])).toEqual([{ kind: "conflict", committedSeq: 2 }]);
    expect(await seqsOf(streamId)).toEqual([1, 2]);
  });

  it("a step without rows asks where the stream stands", async () => {
    const streamId = await openStream();
    await database.store.commitTelemetry([batchOf(streamId, 0, [1, 2])]);
    expect(await database.store.commitTelemetry([batchOf(streamId, 2, [])])).toEqual([{ kind: "committed" }]);
    expect(await database.store.commitTelemetry([batchOf(streamId, 1, [])])).toEqual([
      { kind: "conflict", committedSeq: 2 },
    ]);
    expect(await committedSeqOf(streamId)).toBe(2);
  });

  it("commits the streams beside the one that loses", async () => {
    const [winner, loser, other] = [await openStream(), await openStream(), await openStream()];
    await database.store.commitTelemetry([batchOf(loser, 0, ["before"])]);
    const marker = randomUUID();
    const outcomes = await database.store.commitTelemetry([
      batchOf(winner, 0, ["a", "b"]),
      batchOf(loser, 0, ["lost"]),
      { rows: [rowOf(marker, { dataType: "loose" })] },
      batchOf(other, 0, ["c"]),
    ]);
    expect(outcomes).toEqual([
      { kind: "committed" },
      { kind: "conflict", committedSeq: 1 },
      { kind: "committed" },
      { kind: "committed" },
    ]);
    expect(await valuesOf(winner)).toEqual(["a", "b"]);
    expect(await valuesOf(loser)).toEqual(["before"]);
    expect(await valuesOf(other)).toEqual(["c"]);
    const { rows } = await database.pool.query("select stream_id, seq from robot_telemetry where data_type = 'loose'");
    expect(rows).toEqual([{ stream_id: null, seq: null }]);
  });

  it("a batch that PostgreSQL refuses does not poison those beside it", async () => {
    const [before, poisoned, after] = [await openStream(), await openStream(), await openStream()];
    const poison = batchOf(poisoned, 0, [1, 2]);
    const outcomes = await database.store.commitTelemetry([
      batchOf(before, 0, [1]),
      { ...poison, rows: [...poison.rows, rowOf(0, { streamId: poisoned, seq: 3, valueJson: nul })] },
      batchOf(after, 0, [1]),
    ]);
    expect(outcomes).toEqual([
      { kind: "committed" },
      { kind: "unstorable", problem: expect.stringMatching(/unicode/i), seq: 3 },
      { kind: "committed" },
    ]);
    expect(await seqsOf(before)).toEqual([1]);
    expect(await seqsOf(after)).toEqual([1]);
    expect(await seqsOf(poisoned)).toEqual([]);
    expect(await committedSeqOf(poisoned)).toBe(0);
  });

  it("loose rows beside a batch that PostgreSQL refuses are written once, though the connection breaks then", async () => {
    const robotId = `EP01_${randomUUID()}`;
    const good = [{ rows: [rowOf(1, { robotId })] }, { rows: [rowOf(2, { robotId })] }];
    const poison = { rows: [rowOf(3, { robotId, valueJson: nul })] };
    let attempts = 0;
    const breaking = () => {
      attempts += 1;
      if (attempts === 1) throw new Error("the connection broke");
    };
    const commit = () =>
      database.store.commitTelemetry(
        [good[0], poison, good[1]].flatMap((batch) => batch ?? []),
        { rowsWritten: async () => breaking() },
      );
    await expect(commit()).rejects.toThrow("broke");
    expect((await commit()).map(({ kind }) => kind)).toEqual(["committed", "unstorable", "committed"]);
    const { rows } = await database.pool.query("select payload from robot_telemetry where robot_id = $1 order by id", [
      robotId,
    ]);
    expect(rows.map(({ payload }) => payload.value)).toEqual([1, 2]);
  });

  it("files rows under their day, days long gone included", async () => {
    const streamId = await openStream();
    const times = [Date.now(), Date.now() - 20 * dayMs, Date.now() + dayMs];
    const rows = times.map((createdAt, index) => rowOf(index, { streamId, seq: index + 1, createdAt }));
    await database.store.commitTelemetry([{ rows, stream: { streamId, expectedSeq: 0, lastSeq: 3 } }]);
    const found = await database.pool.query(
      "select tableoid::regclass::text as partition from robot_telemetry where stream_id = $1 order by seq",
      [streamId],
    );
    expect(found.rows.map((row) => row.partition)).toEqual(
      times.map((time) => `robot_telemetry_${new Date(time).toISOString().slice(0, 10).replaceAll("-", "")}`),
    );
  });

  it("makes the partition of one day once when several need it at once", async () => {
    const stores = [createStore(database.pool), createStore(database.pool), database.store];
    const createdAt = Date.now() - 25 * dayMs;
    const outcomes = await Promise.all(
      stores.map((store) => store.commitTelemetry([{ rows: [rowOf("late", { createdAt })] }])),
    );
    expect(outcomes.flat()).toEqual([{ kind: "committed" }, { kind: "committed" }, { kind: "committed" }]);
  });

  it("lets exactly one of two connections that race for a stream win each step", async () => {
    const streams = [await openStream(), await openStream(), await openStream()];
    const pools = [1, 2].map(() => openPool(database.url, () => undefined, 2));
    const racers = pools.map((pool) => createStore(pool));
    const rounds = 40;
    for (let round = 0; round < rounds; round++) {
      const outcomes = await Promise.all(
        racers.map((store, racer) => {
          const batches = streams.map((streamId) => batchOf(streamId, round * 2, [`${racer}a`, `${racer}b`]));
          // Opposite orders: whoever locks in the order of its batches would wait for the other for ever.
          return store.commitTelemetry(racer === 0 ? batches : batches.reverse());
        }),
      );
      const won = outcomes.flat().filter((outcome) => outcome.kind === "committed");
      expect(won).toHaveLength(streams.length);
    }
    for (const streamId of streams) {
      expect(await seqsOf(streamId)).toEqual(Array.from({ length: rounds * 2 }, (_, index) => index + 1));
      const values = (await valuesOf(streamId)).map(String);
      for (let index = 0; index < values.length; index += 2) {
        expect(values[index + 1]?.[0], "both rows of a batch are of one racer").toBe(values[index]?.[0]);
      }
    }
    await Promise.all(pools.map((pool) => pool.end()));
  });

  it("answers the battery query of the contract", async () => {
    const curve = [87, 86.5, 86, 12.25];
    const begin = Date.now() - 10_000;
    const rows = curve.flatMap((level, index) => [
      rowOf(level, { robotId: "EP01", dataType: "battery", createdAt: begin + index * 1_000 }),
      rowOf({ acc: [0, 0, 9.81] }, { robotId: "EP01", dataType: "imu", createdAt: begin + index * 1_000 }),
      rowOf(50, { robotId: "EP02", dataType: "battery", createdAt: begin + index * 1_000 }),
    ]);
    await database.store.commitTelemetry([{ rows }]);
    const found = await database.pool.query(
      `SELECT created_at, (payload->>'value')::float AS battery_val
       FROM robot_telemetry WHERE data_type = 'battery' AND robot_id = 'EP01' ORDER BY created_at`,
    );
    expect(found.rows).toEqual(
      curve.map((level, index) => ({ created_at: new Date(begin + index * 1_000), battery_val: level })),
    );
  });
});

/** Rows after `expectedSeq` of a stream, one a value. */
function batchOf(streamId: string, expectedSeq: number, values: readonly unknown[]): TelemetryBatch {
  return {
    rows: values.map((value, index) => rowOf(value, { streamId, seq: expectedSeq + index + 1 })),
    stream: { streamId, expectedSeq, lastSeq: expectedSeq + values.length },
  };
}

function rowOf(value: unknown, details: Partial<TelemetryRow> = {}): TelemetryRow {
  return {
    robotId: "EP01_CHASSIS_01",
    robotType: "EP01",
    dataType: "battery",
    valueJson: JSON.stringify(value),
    createdAt: Date.now(),
    receivedAt: Date.now(),
    streamId: undefined,
    seq: undefined,
    ...details,
  };
}
