/**
 * Which packets to send next, and what an answer means: the uplink's state without its network, clock or log.
 *
 * Batches go out in order, several at a time. Whatever goes wrong with one of them, all that were sent and are not
 * committed are sent again from `committedSeq + 1`; the hub ignores what it has already.
 */
import type { ErrorCode, Failure, Stored } from "@physical-ai/unity-protocol";

/** A batch on its way: packets `firstSeq … lastSeq`. */
export interface Flight {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** The hub's answer to a batch, or a sentence about why there is none. */
export type Answer = Stored | Failure | { ok: false; problem: string };

/**
 * What an answer means.
 *
 * - `committed`: the hub has everything up to `upToSeq`;
 * - `stale`: about a batch that was already given up; nothing to do;
 * - `retry`: nothing is sent until `proceed`;
 * - `rewind`: the hub wants `expectedSeq` next; nothing is sent until `open`;
 * - `refused`: the packet `seq` will never be taken; nothing is sent until it is replaced and `proceed` is called.
 *
 * `failures` is how many answers in a row were not `committed`.
 */
export type Outcome =
  | { kind: "committed"; upToSeq: number }
  | { kind: "stale" }
  | { kind: "retry"; failures: number; problem: string }
  | { kind: "rewind"; failures: number; expectedSeq: number }
  | { kind: "refused"; failures: number; seq: number; reason: string };

export interface SendWindowOptions {
  /** How many batches may wait for their acknowledgement at a time. */
  maxBatchesInFlight: number;
  /** No further batch is sent while so many packets wait for their acknowledgement. */
  maxPacketsInFlight: number;
  /** How many packets a batch may hold. */
  maxPacketsPerBatch: number;
}

/** Sending the same packet again cannot help. */
const refusals: readonly ErrorCode[] = ["invalid_message", "bad_clock", "unstorable"];

export class SendWindow {
  readonly #options: SendWindowOptions;
  #mode: "closed" | "open" | "paused" = "closed";
  #committedSeq = 0;
  #nextSeq = 1;
  #inFlight: readonly Flight[] = [];
  #failures = 0;
  #maxPackets: number;

  constructor(options: SendWindowOptions) {
    this.#options = options;
    this.#maxPackets = options.maxPacketsPerBatch;
  }

  /** Everything up to here is in the database. */
  get committedSeq(): number {
    return this.#committedSeq;
  }

  /** The number to send next. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** How many packets the next batch may hold. */
  get maxPackets(): number {
    return this.#maxPackets;
  }

  get batchesInFlight(): number {
    return this.#inFlight.length;
  }

  get packetsInFlight(): number {
    return this.#inFlight.reduce((packets, flight) => packets + flight.lastSeq - flight.firstSeq + 1, 0);
  }

  /** True when one more batch may be sent now. */
  get maySend(): boolean {
    const { maxBatchesInFlight, maxPacketsInFlight } = this.#options;
    if (this.#mode !== "open" || this.#inFlight.length >= maxBatchesInFlight) return false;
    return this.packetsInFlight < maxPacketsInFlight;
  }

  /** The hub said where the stream stands: send from there. */
  open(committedSeq: number): void {
    this.#committedSeq = committedSeq;
    this.#rewind();
    this.#mode = "open";
  }

  /** The connection is gone. */
  close(): void {
    this.#rewind();
    this.#mode = "closed";
  }

  /** The pause that a `retry` or `refused` began is over; does nothing when the connection was lost meanwhile. */
  proceed(): void {
    if (this.#mode === "paused") this.#mode = "open";
  }

  /** Notes a batch as sent; its answer is to be told with what this returns. */
  sent(firstSeq: number, packets: number): Flight {
    const flight = { firstSeq, lastSeq: firstSeq + packets - 1 };
    this.#inFlight = [...this.#inFlight, flight];
    this.#nextSeq = flight.lastSeq + 1;
    return flight;
  }

  /** Takes the answer to a batch. */
  answered(flight: Flight, answer: Answer): Outcome {
    if (!this.#inFlight.includes(flight)) return { kind: "stale" };
    if (answer.ok) return this.#committed(flight, answer.committed_seq ?? flight.lastSeq);
    if ("problem" in answer) return this.#retry(answer.problem);
    const { code, message, expected_seq: expectedSeq, seq } = answer.error;
    if (code === "gap" && expectedSeq !== undefined) return this.#rewindTo(expectedSeq);
    if (refusals.includes(code)) return this.#refused(flight, seq, `${code}: ${message}`);
    return this.#retry(`${code}: ${message}`);
  }

  #committed(flight: Flight, committedSeq: number): Outcome {
    if (committedSeq < flight.lastSeq) return this.#retry(`only ${committedSeq} of ${flight.lastSeq} is committed`);
    this.#failures = 0;
    this.#maxPackets = Math.min(this.#options.maxPacketsPerBatch, this.#maxPackets * 2);
    this.#committedSeq = Math.max(this.#committedSeq, committedSeq);
    this.#nextSeq = Math.max(this.#nextSeq, this.#committedSeq + 1);
    this.#inFlight = this.#inFlight.filter((other) => other.lastSeq > this.#committedSeq);
    return { kind: "committed", upToSeq: this.#committedSeq };
  }

  #retry(problem: string): Outcome {
    this.#pause();
    return { kind: "retry", failures: this.#failures, problem };
  }

  #rewindTo(expectedSeq: number): Outcome {
    this.#pause();
    return { kind: "rewind", failures: this.#failures, expectedSeq };
  }

  /** Where the hub does not say which packet it means, smaller and smaller batches find it. */
  #refused(flight: Flight, named: number | undefined, reason: string): Outcome {
    const known = named !== undefined && named >= flight.firstSeq && named <= flight.lastSeq;
    const seq = known ? named : flight.firstSeq;
    const packets = flight.lastSeq - flight.firstSeq + 1;
    if (!known && packets > 1) {
      this.#maxPackets = Math.floor(packets / 2);
      return this.#retry(reason);
    }
    this.#pause();
    return { kind: "refused", failures: this.#failures, seq, reason };
  }

  #pause(): void {
    this.#failures += 1;
    this.#rewind();
    this.#mode = "paused";
  }

  #rewind(): void {
    this.#inFlight = [];
    this.#nextSeq = this.#committedSeq + 1;
  }
}
