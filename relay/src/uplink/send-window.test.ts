import { failure } from "@physical-ai/unity-protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { type BatchAnswer, type Flight, SendWindow } from "./send-window.ts";

let window: SendWindow;
/** Sends the next `packets` packets. */
const send = (packets: number) => window.sent(window.nextSeq, packets);

const options = { maxBatchesInFlight: 3, maxPacketsPerBatch: 100 };

beforeEach(() => {
  window = new SendWindow(options);
  window.open(0);
});

it("sends nothing without a connection", () => {
  expect(new SendWindow(options).maySend).toBe(false);
});

it("starts after what the hub has", () => {
  window.open(41);
  expect([window.maySend, window.nextSeq, window.committedSeq]).toEqual([true, 42, 41]);
});

it("keeps so many batches in flight and no more", () => {
  send(100);
  send(100);
  expect(window.maySend).toBe(true);
  send(50);
  expect([window.maySend, window.batchesInFlight, window.packetsInFlight, window.nextSeq]).toEqual([
    false,
    3,
    250,
    251,
  ]);
});

describe("acknowledgements", () => {
  it("free a place and say what to trim", () => {
    const [first] = [send(10), send(10), send(10)];
    expect(window.answered(first, { ok: true, committed_seq: 10 })).toEqual({ kind: "committed", upToSeq: 10 });
    expect([window.maySend, window.batchesInFlight, window.nextSeq]).toEqual([true, 2, 31]);
  });

  it("may come in any order", () => {
    const [first, second] = [send(10), send(10)];
    expect(window.answered(second, { ok: true, committed_seq: 20 })).toEqual({ kind: "committed", upToSeq: 20 });
    expect(window.answered(first, { ok: true, committed_seq: 10 })).toEqual({ kind: "stale" });
    expect([window.committedSeq, window.batchesInFlight]).toEqual([20, 0]);
  });

  it("mean the whole batch when they name no number", () => {
    expect(window.answered(send(10), { ok: true })).toEqual({ kind: "committed", upToSeq: 10 });
  });

  it("of another connection's progress move the stream on", () => {
    window.answered(send(10), { ok: true, committed_seq: 500 });
    expect([window.committedSeq, window.nextSeq]).toEqual([500, 501]);
  });

  it("of only a part send the rest again", () => {
    expect(window.answered(send(10), { ok: true, committed_seq: 4 })).toMatchObject({ kind: "retry" });
  });
});

describe("a hub that does not keep up", () => {
  const overloaded = failure("overloaded", "too many rows wait");

  beforeEach(() => {
    window = new SendWindow({ maxBatchesInFlight: 8, maxPacketsPerBatch: 100 });
    window.open(0);
  });

  function fill(): Flight[] {
    const flights: Flight[] = [];
    while (window.maySend) flights.push(send(1));
    return flights;
  }
  function fail(answer: BatchAnswer): void {
    window.answered(send(1), answer);
    window.proceed();
  }
  function commitAll(): number {
    const flights = fill();
    for (const flight of flights) window.answered(flight, { ok: true });
    return flights.length;
  }

  it.each([
    ["is overloaded", overloaded],
    ["does not answer in time", { ok: false as const, problem: "no acknowledgement" }],
  ])("gets half as many batches at a time, and more again as it commits them: %s", (_, answer) => {
    expect(commitAll()).toBe(8);
    fail(answer);
    expect([commitAll(), commitAll(), commitAll()]).toEqual([4, 4, 5]);
  });

  it("gets one at least, and not more than before at most", () => {
    for (let time = 0; time < 10; time += 1) fail(overloaded);
    expect(commitAll()).toBe(1);
    for (let time = 0; time < 20; time += 1) commitAll();
    expect(commitAll()).toBe(8);
  });
});

describe("failures", () => {
  it.each(["overloaded", "unavailable", "not_registered", "forbidden"] as const)(
    "of kind %s are tried again",
    (code) => {
      window.answered(send(10), { ok: true });
      const [second, third] = [send(10), send(10)];
      expect(window.answered(second, failure(code, "not now"))).toEqual({
        kind: "retry",
        failures: 1,
        code,
        problem: `${code}: not now`,
      });
      expect([window.maySend, window.nextSeq, window.packetsInFlight]).toEqual([false, 11, 0]);
      expect(window.answered(third, { ok: true, committed_seq: 30 })).toEqual({ kind: "stale" });
      window.proceed();
      expect([window.maySend, window.nextSeq]).toEqual([true, 11]);
    },
  );

  it("are counted until a batch is committed", () => {
    const failures = [1, 2].map(() => {
      const outcome = window.answered(send(10), { ok: false, problem: "no answer" });
      window.proceed();
      return outcome;
    });
    expect(failures).toMatchObject([{ failures: 1 }, { failures: 2 }]);
    window.answered(send(10), { ok: true });
    expect(window.answered(send(10), { ok: false, problem: "no answer" })).toMatchObject({ failures: 1 });
  });

  it("of kind gap rewind to where the hub wants the stream", () => {
    const [, second] = [send(10), send(10)];
    const outcome = window.answered(second, failure("gap", "too far", { expected_seq: 5 }));
    expect(outcome).toEqual({ kind: "rewind", failures: 1, expectedSeq: 5 });
    window.open(4);
    expect(window.nextSeq).toBe(5);
  });

  it("of kind gap rewind before what was acknowledged: the hub has lost it", () => {
    window.open(40);
    const outcome = window.answered(send(10), failure("gap", "too far", { expected_seq: 5 }));
    expect(outcome).toMatchObject({ kind: "rewind", expectedSeq: 5 });
  });

  it.each([11, 15, 400])("of kind gap that want packet %i, which was sent, are tried again", (expectedSeq) => {
    window.answered(send(10), { ok: true });
    const outcome = window.answered(send(10), failure("gap", "too far", { expected_seq: expectedSeq }));
    expect(outcome).toEqual({ kind: "retry", failures: 1, code: "gap", problem: "gap: too far" });
    expect(window.nextSeq).toBe(11);
  });

  it("do not reopen a lost connection", () => {
    window.answered(send(10), failure("overloaded", "not now"));
    window.close();
    window.proceed();
    expect(window.maySend).toBe(false);
  });
});

describe("refusals", () => {
  it.each(["invalid_message", "unstorable"] as const)("of kind %s name the packet", (code) => {
    const outcome = window.answered(send(10), failure(code, "never", { seq: 7 }));
    expect(outcome).toEqual({ kind: "refused", failures: 1, seq: 7, reason: `${code}: never` });
    expect(window.maySend).toBe(false);
    window.proceed();
    expect(window.nextSeq).toBe(1);
  });

  it("may name a packet of another batch, with which the hub tried to commit this one", () => {
    const [first] = [send(10), send(10)];
    expect(window.answered(first, failure("unstorable", "no", { seq: 15 }))).toMatchObject({
      kind: "refused",
      seq: 15,
    });
  });

  it.each([
    ["committed already", 5],
    ["not sent", 21],
  ])("that name a packet which is %s are not believed, however small the batch", (_, seq) => {
    window.open(5);
    send(14);
    const outcome = window.answered(send(1), failure("unstorable", "no", { seq }));
    const problem = `unstorable: no (about packet ${seq}, which was not under way)`;
    expect(outcome).toEqual({ kind: "retry", failures: 1, code: "unstorable", problem });
  });
});

describe("refusals without a number", () => {
  /** Sends all of eleven packets until one is refused, and answers which. The hub commits all batches in flight or none. */
  function search(guilty: number): number {
    for (;;) {
      const flights = [];
      while (window.maySend && window.nextSeq <= 11)
        flights.push(send(Math.min(window.maxPackets, 12 - window.nextSeq)));
      const isBad = flights.some(({ firstSeq, lastSeq }) => firstSeq <= guilty && guilty <= lastSeq);
      for (const flight of flights) {
        const outcome = window.answered(flight, isBad ? failure("unstorable", "no") : { ok: true });
        if (outcome.kind === "refused") return outcome.seq;
      }
      window.proceed();
    }
  }

  it.each([1, 6, 11])("find packet %i by halving, and accuse no other one", (guilty) => {
    expect(search(guilty)).toBe(guilty);
  });

  it("find it although every batch holds a single packet", () => {
    window = new SendWindow({ ...options, maxPacketsPerBatch: 1 });
    window.open(0);
    expect(search(2)).toBe(2);
  });

  it("let batches go several at a time again when it is found", () => {
    search(6);
    window.proceed();
    expect(window.maxPackets).toBe(1);
    while (window.maxPackets < options.maxPacketsPerBatch) window.answered(send(window.maxPackets), { ok: true });
    send(1);
    expect(window.maySend).toBe(true);
  });
});

describe("a doubted time", () => {
  const doubt = failure("bad_clock", "in 1970", { seq: 3 });

  it("is asked for before the packet is refused", () => {
    expect(window.answered(send(10), doubt)).toEqual({ kind: "bad_clock", failures: 1, problem: "bad_clock: in 1970" });
    expect([window.maySend, window.nextSeq]).toEqual([false, 1]);
    window.clockIsFresh();
    window.proceed();
    expect(window.answered(send(10), doubt)).toMatchObject({ kind: "refused", seq: 3 });
  });

  it("is asked for again where the hub did not say it", () => {
    for (const failures of [1, 2]) {
      expect(window.answered(send(10), doubt)).toMatchObject({ kind: "bad_clock", failures });
      window.proceed();
    }
  });

  it("is asked for again after something was committed", () => {
    window.clockIsFresh();
    window.answered(send(2), { ok: true });
    expect(window.answered(send(8), doubt)).toMatchObject({ kind: "bad_clock" });
  });
});

it("forgets what was in flight when the connection is lost, and goes on from the hub's word", () => {
  const flight = send(10);
  window.close();
  expect([window.maySend, window.packetsInFlight]).toEqual([false, 0]);
  expect(window.answered(flight, { ok: true })).toEqual({ kind: "stale" });
  window.open(7);
  expect(window.nextSeq).toBe(8);
});
