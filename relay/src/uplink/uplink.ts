/** Sends what the log holds to the hub, in order, each packet until the hub has committed it. */

import { setTimeout as sleep } from "node:timers/promises";
import { Outage } from "@physical-ai/service";
import { Backoff, type BackoffOptions } from "@physical-ai/service/backoff";
import { messageOf } from "@physical-ai/service/errors";
import { type Batch, validate } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { firstSeqCovered } from "../packet-log/gap.ts";
import type { PacketLog, PacketRun } from "../packet-log/packet-log.ts";
import { BackPressure } from "./back-pressure.ts";
import { DeadLetters } from "./dead-letters.ts";
import { type BatchAnswer, type BatchOutcome, type Flight, SendWindow } from "./send-window.ts";

/** What the uplink stands on. */
interface UplinkDependencies {
  log: PacketLog;
  /** Sends a batch over the present connection; answers what the hub acknowledged, rejects when it did not. */
  send: (batch: Batch) => Promise<unknown>;
  /** Hub time minus our time, as estimated now. */
  clockOffsetMs: () => number;
  /** Estimates that anew; rejects when the hub does not say its time. */
  renewClock: () => Promise<void>;
  /** The log failed: nothing more is sent. */
  onFailure: (error: unknown) => void;
  logger: Logger;
}

export interface UplinkOptions {
  /** How many batches may wait for their acknowledgement at a time; 64 when missing. */
  maxBatchesInFlight?: number;
  /** How many packets a batch may hold; 500 when missing. */
  maxPacketsPerBatch?: number;
  /** About how large a batch may become; 512 KiB when missing. */
  maxBytesPerBatch?: number;
  /** How long to wait after a failure; `defaultRetry` when missing. */
  retry?: BackoffOptions;
}

/** Counts since the start, in packets. */
export interface UplinkStats {
  /** Sent, resends included. */
  sent: number;
  /** Of these, sent before. */
  resent: number;
  /** Committed by the hub. */
  acknowledged: number;
  /** Refused by the hub for good, and replaced by a gap. */
  refused: number;
  /** Waiting for their acknowledgement now. */
  inFlight: number;
  /** In the log and not committed. */
  backlog: number;
}

/** Between half and the whole of a step, so that relays do not come all at the same moment. */
export const defaultRetry: BackoffOptions = { firstMs: 100, longestMs: 5_000, jitter: 0.5 };

const defaults: Required<UplinkOptions> = {
  maxBatchesInFlight: 64,
  maxPacketsPerBatch: 500,
  maxBytesPerBatch: 512 * 1024,
  retry: defaultRetry,
};

/** Sends nothing until it is `connected`. */
export class Uplink {
  readonly #log: PacketLog;
  readonly #dependencies: UplinkDependencies;
  readonly #options: Required<UplinkOptions>;
  readonly #window: SendWindow;
  readonly #counts = { sent: 0, resent: 0, acknowledged: 0 };
  readonly #stopping = new AbortController();
  /** The hub is there, and does not commit. */
  readonly #trouble = new Outage();
  readonly #deadLetters: DeadLetters;
  readonly #backPressure = new BackPressure(() => this.#backlog);
  readonly #backoff: Backoff;
  /** Changes with each connection, so that what an earlier one began is not continued. */
  #connection = 0;
  #highestSent = 0;
  #pumping = false;

  constructor(dependencies: UplinkDependencies, options: UplinkOptions = {}) {
    this.#dependencies = dependencies;
    this.#log = dependencies.log;
    this.#options = { ...defaults, ...options };
    this.#window = new SendWindow(this.#options);
    this.#backoff = new Backoff(this.#options.retry);
    this.#deadLetters = new DeadLetters(dependencies);
  }

  get stats(): UplinkStats {
    return {
      ...this.#counts,
      refused: this.#deadLetters.count,
      inFlight: this.#window.packetsInFlight,
      backlog: this.#backlog,
    };
  }

  get #backlog(): number {
    return Math.max(0, this.#log.lastSeq - Math.max(this.#window.committedSeq, this.#log.firstSeq - 1));
  }

  /** The hub accepted us and has the stream up to `committedSeq`. */
  async connected(committedSeq: number): Promise<void> {
    this.#connection += 1;
    await this.#resumeAfter(committedSeq, this.#connection);
  }

  /** The connection is gone. */
  disconnected(): void {
    this.#connection += 1;
    this.#window.close();
  }

  /** The log has new packets. */
  wake(): void {
    if (!this.#pumping) void this.#pump().catch((error) => this.#fail(error));
  }

  /** Resolves when at most `packets` packets are not committed. */
  backlogAtMost(packets: number): Promise<void> {
    return this.#backPressure.atMost(packets);
  }

  /** Sends nothing more; whoever waits for the backlog waits no longer. */
  stop(): void {
    this.disconnected();
    this.#stopping.abort();
    this.#backPressure.end();
  }

  /** Sends batches as long as the window and the log allow. One pump at a time, so that batches stay in order. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (this.#window.maySend && this.#log.lastSeq >= this.#window.nextSeq) {
        const { nextSeq } = this.#window;
        const limit = { maxPackets: this.#window.maxPackets, maxBytes: this.#options.maxBytesPerBatch };
        const run = await this.#log.read(nextSeq, limit);
        if (!this.#window.maySend || this.#window.nextSeq !== nextSeq) continue;
        const [first] = run.packets;
        if (first === undefined) return;
        // What is dropped while it is under way may arrive all the same: the gap is said when that is known.
        if (firstSeqCovered(first, run.firstSeq) < nextSeq && this.#window.batchesInFlight > 0) return;
        this.#send(run);
      }
    } finally {
      this.#pumping = false;
    }
  }

  #send(run: PacketRun): void {
    const flight = this.#window.sent(run.firstSeq, run.packets.length);
    this.#counts.sent += run.packets.length;
    this.#counts.resent += Math.max(0, Math.min(this.#highestSent, flight.lastSeq) - flight.firstSeq + 1);
    this.#highestSent = Math.max(this.#highestSent, flight.lastSeq);
    const connection = this.#connection;
    const batch: Batch = {
      stream_id: this.#log.streamId,
      first_seq: run.firstSeq,
      packets: run.packets,
      clock_offset_ms: this.#dependencies.clockOffsetMs(),
    };
    // Nothing here holds the packets while they are under way: the log has them.
    void this.#dependencies
      .send(batch)
      .then(answerOf, noAnswer)
      .then((answer) => this.#take(flight, answer, connection))
      .catch((error) => this.#fail(error));
  }

  async #take(flight: Flight, answer: BatchAnswer, connection: number): Promise<void> {
    const before = this.#window.committedSeq;
    const outcome = this.#window.answered(flight, answer);
    if (outcome.kind === "stale") return;
    if (outcome.kind === "committed") {
      this.#counts.acknowledged += outcome.upToSeq - before;
      this.#backoff.reset();
      const seconds = this.#trouble.over();
      if (seconds !== undefined) this.#dependencies.logger.info({ seconds }, "the hub commits again");
      await this.#forget(outcome.upToSeq, connection);
    } else {
      await this.#recover(outcome, connection);
    }
    this.#backPressure.settle();
    this.wake();
  }

  async #forget(upToSeq: number, connection: number): Promise<void> {
    if (upToSeq > this.#log.lastSeq) return this.#resumeAfter(upToSeq, connection);
    await this.#log.trim(upToSeq);
  }

  async #recover(outcome: Exclude<BatchOutcome, { kind: "committed" | "stale" }>, connection: number): Promise<void> {
    const { logger } = this.#dependencies;
    const { kind, failures } = outcome;
    const pauseMs = this.#backoff.next();
    if (kind === "rewind") {
      logger.warn({ expected_seq: outcome.expectedSeq }, "the hub wants the stream from another packet");
      if (failures > 1) await this.#pause(pauseMs);
      if (connection === this.#connection) await this.#resumeAfter(outcome.expectedSeq - 1, connection);
      return;
    }
    if (kind === "retry") {
      const { code = "no answer", problem } = outcome;
      this.#trouble.once(code, () => logger.warn({ problem }, "the hub does not commit; sending again"));
      await this.#pause(pauseMs);
    } else if (kind === "bad_clock") {
      logger.warn({ problem: outcome.problem }, "the hub doubts a packet's time; asking the hub for the time");
      if (!(await this.#renewClock())) await this.#pause(pauseMs);
    } else if (!(await this.#deadLetters.replace(outcome.seq, outcome.reason))) {
      await this.#pause(pauseMs);
    }
    if (connection === this.#connection) this.#window.proceed();
  }

  /** False when the hub did not say its time. */
  async #renewClock(): Promise<boolean> {
    try {
      await this.#dependencies.renewClock();
    } catch (error) {
      this.#dependencies.logger.warn({ problem: String(error) }, "the hub did not say its time");
      return false;
    }
    this.#window.clockIsFresh();
    return true;
  }

  async #resumeAfter(committedSeq: number, connection: number): Promise<void> {
    const { logger } = this.#dependencies;
    const resumption = await this.#log.resume(committedSeq);
    if (connection !== this.#connection) return;
    this.#counts.acknowledged += Math.max(0, Math.min(committedSeq, this.#highestSent) - this.#window.committedSeq);
    if (resumption === "hub_behind") {
      logger.error(
        { committed_seq: committedSeq },
        "the hub no longer has packets that it acknowledged; a gap says so",
      );
    } else if (resumption === "hub_ahead") {
      logger.error(
        { committed_seq: committedSeq },
        "the hub has packets that this log never sent; renumbering after them",
      );
    }
    this.#window.open(committedSeq);
    this.#backPressure.settle();
    this.wake();
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal });
  }

  #fail(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#window.close();
    this.#dependencies.onFailure(error);
  }
}

function answerOf(acknowledgement: unknown): BatchAnswer {
  const answer = validate.stored(acknowledgement);
  return answer.ok ? answer.value : { ok: false, problem: answer.problem };
}

function noAnswer(error: unknown): BatchAnswer {
  return { ok: false, problem: `no acknowledgement: ${messageOf(error)}` };
}
