/** The uplink and the memory log against a hub that keeps the contract and misbehaves in every way that it allows. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Backoff } from "@physical-ai/service/backoff";
import { type Batch, type Failure, failure, type Packet, type Stored } from "@physical-ai/unity-protocol";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { openDiskLog } from "../packet-log/disk-log.ts";
import { gapOf } from "../packet-log/gap.ts";
import { MemoryLog } from "../packet-log/memory-log.ts";
import { defaultRetry, Uplink, type UplinkOptions } from "./uplink.ts";

const logger = pino({ level: "silent" });

function packets(first: number, last: number): Packet[] {
  const values = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return values.map((val) => ({ robot_id: "EP01", robot_type: "EP01", type: "battery", val }));
}

/** The durable path of a hub, in memory: what is committed, and what it answers. */
class ModelHub {
  committedSeq = 0;
  readonly rows: Packet[] = [];
  readonly batches: Batch[] = [];
  /** Values that it never takes. */
  poison = new Set<unknown>();

  take(batch: Batch): Stored | Failure {
    this.batches.push(batch);
    const expected = this.committedSeq + 1;
    const [first] = batch.packets;
    const starts = (first && gapOf(first)?.first_seq) ?? batch.first_seq;
    if (starts > expected) return failure("gap", "too far", { expected_seq: expected });
    const bad = batch.packets.findIndex((packet) => this.poison.has(packet.val));
    if (bad >= 0) return failure("unstorable", "never", { seq: batch.first_seq + bad });
    this.rows.push(...batch.packets.slice(Math.max(0, expected - batch.first_seq)));
    this.committedSeq = Math.max(this.committedSeq, batch.first_seq + batch.packets.length - 1);
    return { ok: true, committed_seq: this.committedSeq };
  }
}

function setUp(hub: ModelHub, send: (batch: Batch) => Promise<unknown>, options: UplinkOptions = {}) {
  const log = new MemoryLog();
  const uplink = new Uplink(
    {
      log,
      send,
      clockOffsetMs: () => 12,
      renewClock: async () => undefined,
      logger,
      onFailure: (error) => {
        throw error;
      },
    },
    { maxPacketsPerBatch: 10, retry: { firstMs: 0, longestMs: 0 }, ...options },
  );
  return { hub, log, uplink };
}

const values = (rows: readonly Packet[]) => rows.map((row) => row.val);
const numbers = (last: number) => values(packets(1, last));

it("sends everything in order, trims it, and counts it", async () => {
  const hub = new ModelHub();
  const { log, uplink } = setUp(hub, async (batch) => hub.take(batch));
  await log.append(packets(1, 35));
  await uplink.connected(0);
  await uplink.backlogAtMost(0);
  expect(values(hub.rows)).toEqual(numbers(35));
  expect(hub.batches[0]).toMatchObject({ stream_id: log.streamId, first_seq: 1, clock_offset_ms: 12 });
  expect(Math.max(...hub.batches.map((batch) => batch.packets.length))).toBe(10);
  expect(log.firstSeq).toBe(36);
  expect(uplink.stats).toEqual({ sent: 35, resent: 0, acknowledged: 35, refused: 0, inFlight: 0, backlog: 0 });
  uplink.stop();
});

it("sends nothing before it is connected, and a single packet at once afterwards", async () => {
  const hub = new ModelHub();
  const { log, uplink } = setUp(hub, async (batch) => hub.take(batch));
  await log.append(packets(1, 1));
  uplink.wake();
  expect(hub.batches).toHaveLength(0);
  await uplink.connected(0);
  await uplink.backlogAtMost(0);
  expect(hub.rows).toHaveLength(1);
  uplink.stop();
});

it("keeps no more batches in flight than allowed", async () => {
  const hub = new ModelHub();
  let open = 0;
  let most = 0;
  const { log, uplink } = setUp(
    hub,
    async (batch) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise(setImmediate);
      open -= 1;
      return hub.take(batch);
    },
    { maxBatchesInFlight: 3 },
  );
  await log.append(packets(1, 95));
  await uplink.connected(0);
  await uplink.backlogAtMost(0);
  expect(most).toBe(3);
  uplink.stop();
});

it("replaces what the hub refuses for good, and loses nothing else", async () => {
  const hub = new ModelHub();
  hub.poison = new Set([7, 8, 31]);
  const { log, uplink } = setUp(hub, async (batch) => hub.take(batch));
  await log.append(packets(1, 40));
  await uplink.connected(0);
  await uplink.backlogAtMost(0);
  expect(hub.rows).toHaveLength(40);
  expect(hub.rows.map((row) => gapOf(row)?.first_seq ?? row.val)).toEqual(numbers(40));
  expect(hub.rows.flatMap((row) => gapOf(row) ?? [])).toMatchObject([
    { first_seq: 7, last_seq: 7, count: 1, reason: "unstorable: never" },
    { first_seq: 8, count: 1 },
    { first_seq: 31, count: 1 },
  ]);
  expect(uplink.stats.refused).toBe(3);
  uplink.stop();
});

it("asks for the hub's time before it gives a packet up for its time", async () => {
  const hub = new ModelHub();
  const log = new MemoryLog();
  let offset = 0;
  const says = ["nothing", "the time"];
  const uplink = new Uplink(
    {
      log,
      send: async (batch) =>
        batch.clock_offset_ms === 0 ? failure("bad_clock", "in 1970", { seq: batch.first_seq }) : hub.take(batch),
      clockOffsetMs: () => offset,
      renewClock: async () => {
        if (says.shift() === "nothing") throw new Error("no answer");
        offset = 1_000;
      },
      logger,
      onFailure: () => undefined,
    },
    { retry: { firstMs: 0, longestMs: 0 } },
  );
  await log.append(packets(1, 20));
  await uplink.connected(0);
  await uplink.backlogAtMost(0);
  expect(values(hub.rows)).toEqual(numbers(20));
  expect([says, uplink.stats.refused]).toEqual([[], 0]);
  uplink.stop();
});

it("loses nothing where a hub that commits several batches together names a packet of another one, or none", async () => {
  for (const names of [true, false]) {
    const hub = new ModelHub();
    let together: { batch: Batch; answer: (value: unknown) => void }[] = [];
    const commit = () => {
      const members = together;
      together = [];
      const guilty = members.flatMap(({ batch }) =>
        batch.packets.flatMap(({ val }, at) => (val === 25 ? [batch.first_seq + at] : [])),
      );
      const refusal = failure("unstorable", "never", names ? { seq: guilty[0] ?? 0 } : {});
      for (const { batch, answer } of members) answer(guilty.length > 0 ? refusal : hub.take(batch));
    };
    const { log, uplink } = setUp(hub, (batch) => {
      if (together.length === 0) setImmediate(commit);
      return new Promise((answer) => together.push({ batch, answer }));
    });
    await log.append(packets(1, 40));
    await uplink.connected(0);
    await uplink.backlogAtMost(0);
    expect(hub.rows.map((row) => gapOf(row)?.first_seq ?? row.val)).toEqual(numbers(40));
    expect(hub.rows.flatMap((row) => gapOf(row)?.first_seq ?? [])).toEqual([25]);
    uplink.stop();
  }
});

it("says what a full buffer dropped, exactly", async () => {
  const hub = new ModelHub();
  const log = new MemoryLog({ maxBytes: 1_000 });
  const uplink = new Uplink({
    log,
    send: async (batch) => hub.take(batch),
    clockOffsetMs: () => 0,
    renewClock: async () => undefined,
    logger,
    onFailure: () => undefined,
  });
  await log.append(packets(1, 100));
  await uplink.connected(0);
  await uplink.backlogAtMost(0);
  const gap = hub.rows[0] && gapOf(hub.rows[0]);
  expect(gap).toMatchObject({ first_seq: 1, count: log.dropped });
  expect(values(hub.rows.slice(1))).toEqual(numbers(100).slice(gap?.last_seq));
  uplink.stop();
});

it("does not wait for a round trip at each gap between the events that a full disk kept", async () => {
  const hub = new ModelHub();
  const folder = await mkdtemp(join(tmpdir(), "relay-log-"));
  const log = await openDiskLog({ logger }, { folder, maxBytes: 20_000 });
  const events = new Set(numbers(3_000).filter((value) => Number(value) % 10 === 0));
  await log.append(
    packets(1, 3_000).map((packet) => (events.has(packet.val) ? { ...packet, type: "impact" } : packet)),
  );
  const maxBatchesInFlight = 4;
  const unanswered: (() => void)[] = [];
  let most = 0;
  // Nothing is answered until four batches are under way or the last one is: who waits at a gap waits for ever.
  const send = (batch: Batch) =>
    new Promise<unknown>((resolve) => {
      unanswered.push(() => resolve(hub.take(batch)));
      most = Math.max(most, unanswered.length);
      const isLast = batch.first_seq + batch.packets.length - 1 === log.lastSeq;
      const answerable = isLast ? unanswered.length : Math.max(0, unanswered.length - maxBatchesInFlight + 1);
      for (const answer of unanswered.splice(0, answerable)) answer();
    });
  const uplink = new Uplink(
    { log, send, clockOffsetMs: () => 0, renewClock: async () => undefined, logger, onFailure: () => undefined },
    { maxBatchesInFlight },
  );
  await uplink.connected(0);
  await uplink.backlogAtMost(0);
  expect(most).toBe(4);
  expect(values(hub.rows.filter(({ type }) => type === "impact"))).toEqual([...events]);
  const missing = hub.rows.flatMap((row) => gapOf(row) ?? []);
  expect(missing.length).toBeGreaterThan(100);
  expect(missing.reduce((sum, { count }) => sum + count, 0)).toBe(log.dropped);
  expect(hub.rows.length - missing.length + log.dropped).toBe(3_000);
  uplink.stop();
  await log.close();
  await rm(folder, { recursive: true });
});

describe("whatever goes wrong", () => {
  const faults = [
    "none",
    "overloaded",
    "lostBefore",
    "lostAfter",
    "disconnect",
    "garbage",
    "clock",
    "wrongGap",
    "wrongSeq",
  ];
  const fault = fc.constantFrom(...faults);

  it("every packet is committed exactly once and in order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), async (faults, inFlight) => {
        const hub = new ModelHub();
        const coming = [...faults];
        const { log, uplink } = setUp(
          hub,
          async (batch) => {
            const now = coming.shift() ?? "none";
            if (now === "overloaded") return failure("overloaded", "later");
            if (now === "wrongGap") return failure("gap", "too far", { expected_seq: batch.first_seq + 100 });
            if (now === "wrongSeq") return failure("unstorable", "never", { seq: batch.first_seq + 100 });
            if (now === "lostBefore") throw new Error("timed out");
            const answer = hub.take(batch);
            if (now === "garbage") return { yes: true };
            if (now === "lostAfter") throw new Error("timed out");
            if (now === "disconnect") {
              uplink.disconnected();
              setImmediate(() => uplink.connected(hub.committedSeq));
            }
            return answer;
          },
          { maxBatchesInFlight: inFlight },
        );
        await uplink.connected(0);
        for (let first = 1; first <= 60; first += 6) {
          await log.append(packets(first, first + 5));
          uplink.wake();
          await new Promise(setImmediate);
        }
        await uplink.backlogAtMost(0);
        uplink.stop();
        expect(values(hub.rows)).toEqual(numbers(60));
        expect(uplink.stats.acknowledged).toBe(60);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

it("tells a hub that lost its database what is missing", async () => {
  const hub = new ModelHub();
  const { log, uplink } = setUp(hub, async (batch) => hub.take(batch));
  await log.append(packets(1, 20));
  await uplink.connected(0);
  await uplink.backlogAtMost(0);
  uplink.disconnected();
  hub.committedSeq = 4;
  hub.rows.length = 4;
  await log.append(packets(21, 22));
  await uplink.connected(4);
  await uplink.backlogAtMost(0);
  expect(hub.rows.slice(4)).toMatchObject([
    { val: { first_seq: 5, last_seq: 20, count: 16 } },
    { val: 21 },
    { val: 22 },
  ]);
  uplink.stop();
});

describe("after a failure it waits", () => {
  it("twice as long as after the one before, up to five seconds", () => {
    const backoff = new Backoff(defaultRetry, () => 1);
    const delays = Array.from({ length: 50 }, () => backoff.next());
    expect([1, 2, 3, 4, 50].map((failures) => delays[failures - 1])).toEqual([100, 200, 400, 800, 5_000]);
  });

  it("somewhere in the second half of that time", () => {
    expect([0, 0.5, 1].map((random) => new Backoff(defaultRetry, () => random).next())).toEqual([50, 75, 100]);
  });
});
