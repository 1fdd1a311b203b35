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
export type BatchAnswer = Stored | Failure | { ok: false; problem: string };

/** What the hub has against a batch, in its own code where it gave one. */
interface Complaint {
  code?: ErrorCode;
  problem: string;
}

/**
 * What an answer means.
 *
 * - `committed`: the hub has everything up to `upToSeq`;
 * - `stale`: about a batch that was already given up; nothing to do;
 * - `retry`: nothing is sent until `proceed`;
 * - `bad_clock`: a packet's time cannot be right, or our idea of the hub's time is not; nothing is sent until
 *   `clockIsFresh` and `proceed` are called. Comes before a packet is `refused` for its time;
 * - `rewind`: the hub wants `expectedSeq` next, a packet before this batch; nothing is sent until `open`;
 * - `refused`: the packet `seq`, which is in flight, will never be taken; nothing is sent until it is replaced and
 *   `proceed` is called.
 *
 * `failures` is how many answers in a row were not `committed`.
 */
export type BatchOutcome =
  | { kind: "committed"; upToSeq: number }
  | { kind: "stale" }
  | ({ kind: "retry"; failures: number } & Complaint)
  | { kind: "bad_clock"; failures: number; problem: string }
  | { kind: "rewind"; failures: number; expectedSeq: number }
  | { kind: "refused"; failures: number; seq: number; reason: string };

interface SendWindowOptions {
  /** How many batches may wait for their acknowledgement at a time; fewer while the hub does not keep up with so many. */
  maxBatchesInFlight: number;
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
  /** Halved when the hub is overloaded or does not answer in time; about one more each time that so many are committed. */
  #maxBatches: number;
  /** One batch at a time, until the packet that the hub refuses without naming it is found. */
  #searching = false;
  /** Since the last commit. */
  #clockIsFresh = false;

  constructor(options: SendWindowOptions) {
    this.#options = options;
    this.#maxPackets = options.maxPacketsPerBatch;
    this.#maxBatches = options.maxBatchesInFlight;
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
    const maxBatches = this.#searching ? 1 : Math.floor(this.#maxBatches);
    return this.#mode === "open" && this.#inFlight.length < maxBatches;
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

  /** The pause after an answer is over; does nothing when the connection was lost meanwhile. */
  proceed(): void {
    if (this.#mode === "paused") this.#mode = "open";
  }

  /** Our idea of the hub's time is fresh: what is now refused for its time is refused for good. */
  clockIsFresh(): void {
    this.#clockIsFresh = true;
  }

  /** Notes a batch as sent; its answer is to be told with what this returns. */
  sent(firstSeq: number, packets: number): Flight {
    const flight = { firstSeq, lastSeq: firstSeq + packets - 1 };
    this.#inFlight = [...this.#inFlight, flight];
    this.#nextSeq = flight.lastSeq + 1;
    return flight;
  }

  /** Takes the answer to a batch. */
  answered(flight: Flight, answer: BatchAnswer): BatchOutcome {
    if (!this.#inFlight.includes(flight)) return { kind: "stale" };
    if (answer.ok) return this.#committed(flight, answer.committed_seq ?? flight.lastSeq);
    if ("problem" in answer) return this.#slowDown({ problem: answer.problem });
    const { code, message, expected_seq: expectedSeq, seq } = answer.error;
    const complaint = { code, problem: `${code}: ${message}` };
    // Where the hub stands can only be before a batch that leaves a gap.
    if (code === "gap" && expectedSeq !== undefined && expectedSeq < flight.firstSeq)
      return this.#rewindTo(expectedSeq);
    if (code === "bad_clock" && !this.#clockIsFresh) return this.#doubtClock(complaint.problem);
    if (code === "overloaded") return this.#slowDown(complaint);
    if (!refusals.includes(code)) return this.#retry(complaint);
    return seq === undefined ? this.#refusedOneOf(flight, complaint) : this.#refused(seq, complaint);
  }

  #committed(flight: Flight, committedSeq: number): BatchOutcome {
    if (committedSeq < flight.lastSeq)
      return this.#retry({ problem: `only ${committedSeq} of ${flight.lastSeq} is committed` });
    this.#failures = 0;
    this.#clockIsFresh = false;
    this.#maxPackets = Math.min(this.#options.maxPacketsPerBatch, this.#maxPackets * 2);
    this.#maxBatches = Math.min(this.#options.maxBatchesInFlight, this.#maxBatches + 1 / this.#maxBatches);
    this.#searching &&= this.#maxPackets < this.#options.maxPacketsPerBatch;
    this.#committedSeq = Math.max(this.#committedSeq, committedSeq);
    this.#nextSeq = Math.max(this.#nextSeq, this.#committedSeq + 1);
    this.#inFlight = this.#inFlight.filter((other) => other.lastSeq > this.#committedSeq);
    return { kind: "committed", upToSeq: this.#committedSeq };
  }

  /** What is under way with others does not fit: sending as much again would only make it worse. */
  #slowDown(complaint: Complaint): BatchOutcome {
    this.#maxBatches = Math.max(1, this.#maxBatches / 2);
    return this.#retry(complaint);
  }

  #retry(complaint: Complaint): BatchOutcome {
    this.#pause();
    return { kind: "retry", failures: this.#failures, ...complaint };
  }

  #rewindTo(expectedSeq: number): BatchOutcome {
    this.#pause();
    return { kind: "rewind", failures: this.#failures, expectedSeq };
  }

  #doubtClock(problem: string): BatchOutcome {
    this.#pause();
    return { kind: "bad_clock", failures: this.#failures, problem };
  }

  /** The hub may name a packet of another batch than this one, which it tried to commit together with this one. */
  #refused(seq: number, complaint: Complaint): BatchOutcome {
    if (seq <= this.#committedSeq || seq >= this.#nextSeq) {
      const problem = `${complaint.problem} (about packet ${seq}, which was not under way)`;
      return this.#retry({ ...complaint, problem });
    }
    this.#pause();
    return { kind: "refused", failures: this.#failures, seq, reason: complaint.problem };
  }

  /** Where the hub does not say which packet it means, smaller and smaller batches find it, one at a time. */
  #refusedOneOf({ firstSeq, lastSeq }: Flight, complaint: Complaint): BatchOutcome {
    const isAlone = this.#searching && this.#inFlight.length === 1;
    if (isAlone && firstSeq === lastSeq) return this.#refused(firstSeq, complaint);
    this.#searching = true;
    this.#maxPackets = Math.max(1, Math.floor((lastSeq - firstSeq + 1) / 2));
    return this.#retry(complaint);
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
