import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { BatchOutcome, Store, TelemetryBatch, TelemetryRow } from "@physical-ai/db";
import type { Packet } from "@physical-ai/unity-protocol";
import { pino } from "pino";
import { describe, expect, it, vi } from "vitest";
import type { HubPacket } from "../packet.ts";
import { GroupCommitter } from "./group-committer.ts";
import { createIngest } from "./ingest.ts";
import { DatabaseOutage } from "./outage.ts";

const now = 1_000_000;
const streamId = "5f0c0e0a-6d0b-4f0e-9d53-0f6a3c1b7e21";
const packetOf = (val: unknown, details: Partial<Packet> = {}): Packet => ({
  robot_id: "r1",
  robot_type: "EP01",
  type: "imu",
  val,
  ...details,
});

/** Packets of the stream whose values are their seqs. */
const batchOf = (first_seq: number, count: number) => ({
  stream_id: streamId,
  first_seq,
  packets: Array.from({ length: count }, (_, index) => packetOf(first_seq + index)),
});

/** Streams and rows in memory, with the database's compare-and-set. */
function createMemory() {
  const committedSeqs = new Map<string, number>();
  const rows: TelemetryRow[] = [];
  const commit = (batch: TelemetryBatch): BatchOutcome => {
    const { stream } = batch;
    if (stream !== undefined) {
      const committedSeq = committedSeqs.get(stream.streamId) ?? 0;
      if (committedSeq !== stream.expectedSeq) return { kind: "conflict", committedSeq };
      committedSeqs.set(stream.streamId, stream.lastSeq);
    }
    rows.push(...batch.rows);
    return { kind: "committed" };
  };
  const store: Pick<Store, "openStream" | "problemWithTime" | "commitTelemetry"> = {
    openStream: async (id) => committedSeqs.get(id) ?? 0,
    problemWithTime: (time) => (time < 0 ? "the clock is absurd" : undefined),
    commitTelemetry: async (batches) => batches.map(commit),
  };
  return { store, rows, committedSeqs };
}

function createScene(maxWaitingRows = 1_000) {
  const memory = createMemory();
  const live: HubPacket[] = [];
  const committer = new GroupCommitter(
    {
      store: memory.store,
      blobs: { write: async () => undefined },
      outage: new DatabaseOutage(pino({ level: "silent" })),
    },
    {
      maxRowsPerTransaction: 100,
      maxWaitingRows,
      gather: { ms: 0, rows: 1_000 },
      pauses: { firstMs: 1, longestMs: 1 },
    },
  );
  const ingest = createIngest(
    {
      store: memory.store,
      committer,
      shapes: { look: () => undefined },
      live: { take: (packets) => void live.push(...packets) },
    },
    { now: () => now },
  );
  return {
    ...memory,
    live,
    connect: (id = "relay-1") => ingest.openSession(id),
    seqs: () => memory.rows.map((row) => row.seq),
    liveSeqs: () => live.map((one) => one.seq),
  };
}

const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("a stream", () => {
  it("acknowledges windows of batches, each when it is committed", async () => {
    const { connect, seqs, liveSeqs } = createScene();
    const session = connect();
    const answers = await Promise.all(
      [batchOf(1, 3), batchOf(4, 2), batchOf(6, 1)].map((batch) => session.receive(batch)),
    );
    expect(answers).toEqual([3, 5, 6].map((committed_seq) => ({ ok: true, committed_seq })));
    expect(seqs()).toEqual(oneTo(6));
    expect(liveSeqs()).toEqual(oneTo(6));
  });

  it("goes on where it stands, whatever the case of its id", async () => {
    const { connect, seqs } = createScene();
    await connect().receive(batchOf(1, 3));
    const session = connect();
    expect(await session.openStream(streamId.toUpperCase())).toBe(3);
    const shouted = { ...batchOf(3, 2), stream_id: streamId.toUpperCase() };
    expect(await session.receive(shouted)).toEqual({ ok: true, committed_seq: 4 });
    expect(seqs()).toEqual(oneTo(4));
  });

  it("is not live again when it is sent again over another connection", async () => {
    const { connect, seqs, liveSeqs, store } = createScene();
    const { commitTelemetry } = store;
    store.commitTelemetry = () => new Promise(() => undefined);
    void connect().receive(batchOf(1, 3));
    await expect.poll(() => liveSeqs()).toEqual(oneTo(3));
    store.commitTelemetry = commitTelemetry;
    expect(await connect().receive(batchOf(1, 5))).toEqual({ ok: true, committed_seq: 5 });
    expect(seqs()).toEqual(oneTo(5));
    expect(liveSeqs()).toEqual(oneTo(5));
  });

  it("trims what overlaps, and acknowledges what is known without a row", async () => {
    const { connect, seqs, liveSeqs } = createScene();
    const session = connect();
    await session.receive(batchOf(1, 4));
    expect(await session.receive(batchOf(3, 4))).toEqual({ ok: true, committed_seq: 6 });
    expect(await session.receive(batchOf(2, 3))).toEqual({ ok: true, committed_seq: 6 });
    expect(seqs()).toEqual(oneTo(6));
    expect(liveSeqs()).toEqual(oneTo(6));
  });

  it("refuses a batch that leaves a gap, and says where to go on", async () => {
    const { connect, seqs } = createScene();
    const session = connect();
    await session.receive(batchOf(1, 2));
    expect(await session.receive(batchOf(5, 2))).toMatchObject({ ok: false, error: { code: "gap", expected_seq: 3 } });
    expect(await session.receive(batchOf(3, 1))).toEqual({ ok: true, committed_seq: 3 });
    expect(seqs()).toEqual(oneTo(3));
  });

  it("lets a relay_gap account for what the relay dropped", async () => {
    const { connect, seqs } = createScene();
    const session = connect();
    await session.receive(batchOf(1, 2));
    const said = (first_seq: number) =>
      packetOf({ first_seq, last_seq: 50, count: 51 - first_seq, reason: "quota" }, { type: "relay_gap" });
    const batch = (gap: Packet) => ({ stream_id: streamId, first_seq: 50, packets: [gap, packetOf(51)] });
    expect(await session.receive(batch(said(10)))).toMatchObject({ error: { code: "gap", expected_seq: 3 } });
    expect(await session.receive(batch(said(3)))).toEqual({ ok: true, committed_seq: 51 });
    expect(seqs()).toEqual([1, 2, 50, 51]);
  });

  it("goes on from what another connection has committed in the meantime", async () => {
    const { connect, seqs } = createScene();
    const [one, other] = [connect(), connect()];
    await Promise.all([one.openStream(streamId), other.openStream(streamId)]);
    expect(await other.receive(batchOf(1, 50))).toEqual({ ok: true, committed_seq: 50 });
    expect(await one.receive(batchOf(1, 10))).toEqual({ ok: true, committed_seq: 50 });
    expect(await one.receive(batchOf(51, 2))).toEqual({ ok: true, committed_seq: 52 });
    expect(await other.receive(batchOf(45, 10))).toEqual({ ok: true, committed_seq: 54 });
    expect(seqs()).toEqual(oneTo(54));
  });

  it("never doubles, loses or reorders a row when two connections send it at once", async () => {
    const { connect, seqs } = createScene();
    const send = async (size: number) => {
      const session = connect();
      let next = Number(await session.openStream(streamId)) + 1;
      while (next <= 60) {
        const answers = await Promise.all([
          session.receive(batchOf(next, size)),
          session.receive(batchOf(next + size, size)),
        ]);
        for (const answer of answers) {
          if (answer.ok) next = Math.max(next, (answer.committed_seq ?? 0) + 1);
          else expect(answer.error.code).toBe("gap");
        }
      }
    };
    await Promise.all([send(3), send(4), send(5)]);
    expect(seqs()).toEqual(oneTo(seqs().length));
    expect(seqs().length).toBeGreaterThanOrEqual(60);
  });

  it("that another connection rolled on does not hold up batches under way", async () => {
    const { connect, seqs } = createScene();
    const [one, other] = [connect(), connect()];
    await Promise.all([one.openStream(streamId), other.openStream(streamId)]);
    const pending = [other.receive(batchOf(1, 5)), one.receive(batchOf(1, 10)), one.receive(batchOf(11, 10))];
    const answers = await Promise.all(pending);
    expect(answers.slice(0, 2)).toEqual([5, 10].map((committed_seq) => ({ ok: true, committed_seq })));
    expect(await one.receive(batchOf(11, 10))).toEqual({ ok: true, committed_seq: 20 });
    expect(seqs()).toEqual(oneTo(20));
  });

  it("does not send live again what could not be committed the first time", async () => {
    const { connect, live, liveSeqs, rows, seqs } = createScene(5);
    const session = connect();
    const [fits, tooMuch] = await Promise.all([session.receive(batchOf(1, 3)), session.receive(batchOf(4, 3))]);
    expect(fits).toEqual({ ok: true, committed_seq: 3 });
    expect(tooMuch).toMatchObject({ ok: false, error: { code: "overloaded" } });
    expect(await session.receive(batchOf(4, 3))).toEqual({ ok: true, committed_seq: 6 });
    expect(seqs()).toEqual(oneTo(6));
    expect(liveSeqs()).toEqual(oneTo(6));
    expect(live[0]).toMatchObject({ streamId, live: true, receivedAt: now });
    expect(rows[0]).toMatchObject({ createdAt: now });
  });

  it("refuses the whole batch for one bad packet, names it, and stays where it was", async () => {
    const { connect, seqs, live } = createScene();
    const session = connect();
    const batch = batchOf(1, 3);
    const packets = [packetOf(1), packetOf("\u0000"), packetOf(3)];
    expect(await session.receive({ ...batch, packets })).toMatchObject({ error: { code: "unstorable", seq: 2 } });
    packets[1] = packetOf(2, { ts: 1_000 });
    expect(await session.receive({ ...batch, packets, clock_offset_ms: -5_000 })).toMatchObject({
      error: { code: "bad_clock", seq: 2 },
    });
    expect(live).toEqual([]);
    expect(await session.receive(batch)).toEqual({ ok: true, committed_seq: 3 });
    expect(seqs()).toEqual(oneTo(3));
  });

  it("is one of a few on a connection", async () => {
    const session = createScene().connect();
    const send = (index: number) =>
      session.receive({ ...batchOf(1, 1), stream_id: streamId.replace(/..$/, String(index + 10)) });
    const answers = await Promise.all(Array.from({ length: 17 }, (_, index) => send(index)));
    expect(answers.slice(0, 16)).toEqual(Array(16).fill({ ok: true, committed_seq: 1 }));
    expect(answers[16]).toMatchObject({ error: { code: "overloaded" } });
  });
});

describe("packets without a stream", () => {
  it("are stored as they come, one or an array", async () => {
    const { connect, rows, live } = createScene();
    const session = connect("EP01_brain");
    expect(await session.receive(packetOf(87, { type: "battery" }))).toEqual({ ok: true });
    expect(await session.receive([packetOf(1), packetOf(2)])).toEqual({ ok: true });
    expect(rows.map(({ dataType, valueJson, seq }) => [dataType, valueJson, seq])).toEqual([
      ["battery", "87", undefined],
      ["imu", "1", undefined],
      ["imu", "2", undefined],
    ]);
    expect(live).toHaveLength(3);
  });

  it("are made when the hub receives them, unless they say when", async () => {
    const { connect, rows } = createScene();
    await connect().receive([packetOf(1), packetOf(2, { ts: 7 })]);
    expect(rows.map(({ createdAt, receivedAt }) => [createdAt, receivedAt])).toEqual([
      [now, now],
      [7, now],
    ]);
  });
});

it("nothing holds a message while its rows wait for the database", async () => {
  const { connect, store, live } = createScene();
  const commit = vi.fn(() => new Promise<never>(() => undefined));
  store.commitTelemetry = commit;
  const session = connect();
  const send = () => {
    const batch = batchOf(1, 1);
    void session.receive(batch);
    return new WeakRef(batch.packets);
  };
  const packets = send();
  await expect.poll(() => commit).toHaveBeenCalled();
  live.length = 0;
  setFlagsFromString("--expose-gc");
  await expect
    .poll(() => {
      runInNewContext("gc")();
      return packets.deref();
    })
    .toBeUndefined();
});

it("one client cannot fill the memory while the database is slow", async () => {
  const { connect, rows } = createScene();
  const [greedy, modest] = [connect(), connect()];
  const large = packetOf("x".repeat(10_000_000));
  const answers = Promise.all(Array.from({ length: 8 }, () => greedy.receive(large)));
  expect(await modest.receive(packetOf(1))).toEqual({ ok: true });
  const refused = (await answers).filter(({ ok }) => !ok);
  expect(refused).toHaveLength(2);
  expect(refused[0]).toMatchObject({
    error: { code: "overloaded", message: expect.stringContaining("64000000 bytes") },
  });
  expect(rows).toHaveLength(7);
});

it("the relay's clock is corrected by the offset that it estimates", async () => {
  const { connect, rows } = createScene();
  await connect().receive({
    stream_id: streamId,
    first_seq: 1,
    packets: [packetOf(1, { ts: 500 })],
    clock_offset_ms: 250.5,
  });
  expect(rows[0]?.createdAt).toBe(750.5);
});

it.each([
  ["nothing", undefined, "a packet: it must be object; got nothing"],
  ["a text", "battery", 'a packet: it must be object; got "battery"'],
  ["an empty array", [], "an array of packets"],
  ["a packet without val", { robot_id: "r", robot_type: "t", type: "x" }, "must have required properties val"],
  ["a batch from 0", { ...batchOf(1, 1), first_seq: 0 }, "a batch: first_seq must be >= 1; got 0"],
  ["a batch whose seqs are too large", batchOf(Number.MAX_SAFE_INTEGER, 2), "seqs must not pass 9007199254740991"],
  ["a batch whose packet is bad", { ...batchOf(1, 1), packets: [packetOf(1, { robot_id: "" })] }, "packets.0.robot_id"],
])("%s is refused with what was expected and what came", async (_what, message, problem) => {
  const { connect, rows } = createScene();
  expect(await connect().receive(message)).toMatchObject({
    ok: false,
    error: { code: "invalid_message", message: expect.stringContaining(problem) },
  });
  expect(rows).toEqual([]);
});
