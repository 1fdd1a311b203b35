/** A recording as a source of the relay: its packets in order, at a pace, and then the end. */
import { createReadStream, type ReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Packet, RobotAnswer } from "@physical-ai/unity-protocol";
import type { PacketSink, RobotIdentity, Source } from "../source.ts";
import type { ColumnMapping } from "./columns.ts";
import { readCsv } from "./csv.ts";
import { type Format, recognizeFormat, wallFollowingColumns } from "./format.ts";
import { readGraspFailures } from "./grasp-failures.ts";
import { readNdjson } from "./ndjson.ts";
import { dueMs, type Pace } from "./pace.ts";
import type { Reading, Readings } from "./reading.ts";
import { sizeOfRecording } from "./recording-file.ts";

/** Packets that are due together are given together, up to so many. */
const packetsTogether = 100;
/** Timers are no finer than this, in milliseconds. */
const timerMs = 1;

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

/** A source that ends, and says how far it is. */
export interface ReplaySource extends Source {
  readonly progress: ReplayProgress;
  /**
   * Reads the first packet, and gives it to nobody.
   *
   * @throws Error that says what is wrong with the file or the description of its columns
   */
  check(): Promise<void>;
}

/** Makes a replay; the file is opened by `check` and `start`. */
export function createReplaySource(options: ReplayOptions): ReplaySource {
  return new FileReplay(options);
}

interface OpenRecording {
  readings: Readings;
  input: ReadStream;
  bytes: number;
}

class FileReplay implements ReplaySource {
  readonly robots: readonly RobotIdentity[] = [];
  readonly finished: Promise<void>;
  readonly #options: ReplayOptions;
  readonly #robot: RobotIdentity;
  readonly #stopping = new AbortController();
  #finish: (outcome: Promise<void>) => void = () => undefined;
  #packets = 0;
  #bytesRead = () => 0;
  #bytes = 1;
  #startedAt = performance.now();

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#robot = options.robot ?? { robotId: "EP01", robotType: "EP01" };
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get progress(): ReplayProgress {
    const share = Math.min(1, this.#bytesRead() / this.#bytes);
    return { packets: this.#packets, share, elapsedMs: performance.now() - this.#startedAt };
  }

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
      this.#startedAt = performance.now();
      await this.#emitAll(readings, sink);
    });
  }

  async #whileOpen(use: (recording: OpenRecording) => Promise<void>): Promise<void> {
    const { file } = this.#options;
    const bytes = await sizeOfRecording(file);
    const format = this.#options.format ?? (await recognizeFormat(file));
    const input = createReadStream(file);
    try {
      await use({ readings: this.#read(input, format), input, bytes });
    } finally {
      input.destroy();
    }
  }

  #read(input: Readable, format: Format): Readings {
    const { file, columns } = this.#options;
    if (format === "ndjson") return readNdjson(input, file);
    if (format === "grasp-failures") return readGraspFailures(input, file, this.#robot);
    const mapping = columns ?? (format === "wall-following" ? wallFollowingColumns : undefined);
    if (mapping === undefined)
      throw new Error(`${file}: say what its columns are, with --type and --value or --vector`);
    return readCsv(input, file, mapping, this.#robot);
  }

  async #emitAll(readings: Readings, sink: PacketSink): Promise<void> {
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
      const waitMs = dueMs(pace, this.#packets + due.length, reading.offsetMs) - (performance.now() - this.#startedAt);
      if (waitMs >= timerMs || due.length >= packetsTogether) await flush();
      if (waitMs >= timerMs) await this.#sleep(waitMs);
      if (this.#stopping.signal.aborted) return;
      due.push(this.#stamped(reading));
    }
    await flush();
  }

  #stamped({ packet }: Reading): Packet {
    const keep = this.#options.timestamps === "recorded" && packet.ts !== undefined;
    return keep ? packet : { ...packet, ts: Date.now() };
  }

  /** Ends early when the replay is stopped. */
  async #sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch((error) => {
      if (!this.#stopping.signal.aborted) throw error;
    });
  }
}
