import { failure } from "@physical-ai/unity-protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { SendWindow } from "./send-window.ts";

let window: SendWindow;
/** Sends the next `packets` packets. */
const send = (packets: number) => window.sent(window.nextSeq, packets);

const options = { maxBatchesInFlight: 3, maxPacketsInFlight: 250, maxPacketsPerBatch: 100 };

beforeEach(() => {
  window = new SendWindow(options);
  window.open(0);
});

it("sends no further batch while enough packets are in flight, however few batches they are", () => {
  const wide = new SendWindow({ ...options, maxBatchesInFlight: 100, maxPacketsInFlight: 150 });
  wide.open(0);
  wide.sent(1, 100);
  expect(wide.maySend).toBe(true);
  wide.sent(101, 100);
  expect(wide.maySend).toBe(false);
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

describe("failures", () => {
  it.each(["overloaded", "unavailable", "not_registered", "forbidden"] as const)(
    "of kind %s are tried again",
    (code) => {
      window.answered(send(10), { ok: true });
      const [second, third] = [send(10), send(10)];
      expect(window.answered(second, failure(code, "not now"))).toEqual({
        kind: "retry",
        failures: 1,
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
    const outcome = window.answered(send(10), failure("gap", "too far", { expected_seq: 5 }));
    expect(outcome).toEqual({ kind: "rewind", failures: 1, expectedSeq: 5 });
    window.open(4);
    expect(window.nextSeq).toBe(5);
  });

  it("do not reopen a lost connection", () => {
    window.answered(send(10), failure("overloaded", "not now"));
    window.close();
    window.proceed();
    expect(window.maySend).toBe(false);
  });
});

describe("refusals", () => {
  it.each(["invalid_message", "bad_clock", "unstorable"] as const)("of kind %s name the packet", (code) => {
    const outcome = window.answered(send(10), failure(code, "never", { seq: 7 }));
    expect(outcome).toEqual({ kind: "refused", failures: 1, seq: 7, reason: `${code}: never` });
    expect(window.maySend).toBe(false);
    window.proceed();
    expect(window.nextSeq).toBe(1);
  });

  it("without a number find the packet by halving", () => {
    const guilty = 6;
    const outcomes: unknown[] = [];
    while (window.committedSeq < guilty - 1 || outcomes.length === 0 || window.maySend) {
      const packets = Math.min(window.maxPackets, 11 - window.nextSeq);
      const flight = send(packets);
      const holdsIt = flight.firstSeq <= guilty && guilty <= flight.lastSeq;
      const outcome = window.answered(flight, holdsIt ? failure("invalid_message", "no") : { ok: true });
      outcomes.push(outcome.kind);
      if (outcome.kind === "refused") {
        expect(outcome.seq).toBe(guilty);
        break;
      }
      window.proceed();
    }
    expect(outcomes.at(-1)).toBe("refused");
  });

  it("that name a packet of another batch are not believed", () => {
    expect(window.answered(send(1), failure("unstorable", "no", { seq: 99 }))).toMatchObject({
      kind: "refused",
      seq: 1,
    });
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
