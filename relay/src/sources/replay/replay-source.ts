/** A recording as a source of the relay: its packets in order, at a pace, and then the end. */
import { createReadStream, type ReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Packet, RobotAnswer } from "@physical-ai/unity-protocol";
import type { PacketSink, RobotIdentity, Source } from "../source.ts";
import type { ColumnMapping } from "./csv.ts";
import { type Format, readRecording, recognizeFormat } from "./formats.ts";
import { type RecordedPacket, type RecordedPackets, sizeOfRecording } from "./recording.ts";

/** Packets that are due together are given together, up to so many. */
const packetsTogether = 100;
/** Timers are no finer than this, in milliseconds. */
const timerMs = 1;

/**
 * - `recorded`: as recorded, so many times as fast;
 * - `rate`: so many packets a second;
 * - `max`: as fast as the hub acknowledges them.
 */
export type Pace = { kind: "recorded"; speed: number } | { kind: "rate"; hz: number } | { kind: "max" };

export interface ReplayOptions {
  file: string;
  /** Recognised by the file's first line and name when missing. */
  format?: Format | undefined;
  /** How the columns of a CSV file become packets; needed for the format `csv`. */
  columns?: ColumnMapping | undefined;
  /** As recorded when missing. */
  pace?: Pace | undefined;
  /** What a packet's `ts` is: the time of its emission (when missing), or the time in the recording where it has one. */
  timestamps?: "emission" | "recorded" | undefined;
  /** Of recordings that do not name their robot; `EP01` of type `EP01` when missing. */
  robot?: RobotIdentity | undefined;
}

/** How far a replay is. */
export interface ReplayProgress {
  /** Packets emitted. */
  packets: number;
  /** The share of the file that was read, 0 to 1. */
  share: number;
  elapsedMs: number;
}

/** What a replay goes by: milliseconds of a clock that is never set, and waiting until `signal` says that it is over. */
export interface ReplayClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const systemClock: ReplayClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

interface OpenRecording {
  readings: RecordedPackets;
  input: ReadStream;
  bytes: number;
}

/** A source that ends, and says how far it is. The file is opened by `check` and `start`. */
export class ReplaySource implements Source {
  readonly robots: readonly RobotIdentity[] = [];
  readonly finished: Promise<void>;
  readonly #options: ReplayOptions;
  readonly #robot: RobotIdentity;
  readonly #clock: ReplayClock;
  readonly #stopping = new AbortController();
  #finish: (outcome: Promise<void>) => void = () => undefined;
  #packets = 0;
  #bytesRead = () => 0;
  #bytes = 1;
  #startedAt: number;

  constructor(options: ReplayOptions, clock: ReplayClock = systemClock) {
    this.#options = options;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#robot = options.robot ?? { robotId: "EP01", robotType: "EP01" };
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get progress(): ReplayProgress {
    const share = Math.min(1, this.#bytesRead() / this.#bytes);
    return { packets: this.#packets, share, elapsedMs: this.#clock.now() - this.#startedAt };
  }

  /**
   * Reads the first packet, and gives it to nobody.
   *
   * @throws Error that says what is wrong with the file or the description of its columns
   */
  async check(): Promise<void> {
    await this.#whileOpen(async ({ readings }) => {
      for await (const _first of readings) return;
      throw new Error(`${this.#options.file}: expected packets; there are none in it`);
    });
  }

  start(sink: PacketSink): void {
    this.#finish(this.#replay(sink));
  }

  async execute(): Promise<RobotAnswer> {
    return { status: "failed", result: { message: "this robot is a recording: it obeys no commands" } };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#finish(Promise.resolve());
  }

  async #replay(sink: PacketSink): Promise<void> {
    await this.#whileOpen(async ({ readings, input, bytes }) => {
      this.#bytes = Math.max(1, bytes);
      this.#bytesRead = () => input.bytesRead;
      await sink.ready();
      this.#startedAt = this.#clock.now();
      await this.#emitAll(readings, sink);
    });
  }

  async #whileOpen(use: (recording: OpenRecording) => Promise<void>): Promise<void> {
    const { file, columns } = this.#options;
    const bytes = await sizeOfRecording(file);
    const format = this.#options.format ?? (await recognizeFormat(file));
    const input = createReadStream(file);
    try {
      await use({ readings: readRecording(input, format, { file, columns, robot: this.#robot }), input, bytes });
    } finally {
      input.destroy();
    }
  }

  async #emitAll(readings: RecordedPackets, sink: PacketSink): Promise<void> {
    const { pace = { kind: "recorded", speed: 1 } } = this.#options;
    let due: Packet[] = [];
    const flush = async () => {
      const packets = due;
      due = [];
      if (packets.length > 0) await sink.accept(packets);
      this.#packets += packets.length;
      await sink.ready();
    };
    for await (const reading of readings) {
      const waitMs = dueMs(pace, this.#packets + due.length, reading.offsetMs) - (this.#clock.now() - this.#startedAt);
      if (waitMs >= timerMs || due.length >= packetsTogether) await flush();
      if (waitMs >= timerMs) await this.#sleep(waitMs);
      if (this.#stopping.signal.aborted) return;
      due.push(this.#stamped(reading));
    }
    await flush();
  }

  #stamped({ packet }: RecordedPacket): Packet {
    const keep = this.#options.timestamps === "recorded" && packet.ts !== undefined;
    return keep ? packet : { ...packet, ts: Date.now() };
  }

  /** Ends early when the replay is stopped. */
  async #sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#stopping.signal).catch((error) => {
      if (!this.#stopping.signal.aborted) throw error;
    });
  }
}

/** When the packet `index` (from 0), recorded at `offsetMs`, is due: milliseconds since the replay's start. */
export function dueMs(pace: Pace, index: number, offsetMs: number): number {
  if (pace.kind === "max") return 0;
  return pace.kind === "rate" ? (index * 1_000) / pace.hz : offsetMs / pace.speed;
}
