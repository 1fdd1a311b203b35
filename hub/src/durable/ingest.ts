/** `relay_to_hub`: from a message to committed rows and an acknowledgement, and to the live path on the way. */
import type { BatchOutcome, Store, StreamStep } from "@physical-ai/db";
import {
  type Batch,
  type Failure,
  failure,
  type Packet,
  relayGapType,
  type Stored,
  type Validation,
  validate,
} from "@physical-ai/unity-protocol";
import { type Observations, unobserved } from "../observations.ts";
import type { HubPacket } from "../packet.ts";
import { LiveSeqs, placeBatch } from "./batch-placement.ts";
import { CommitterFull, type GroupCommitter } from "./group-committer.ts";
import { prepare, type Submission, submissionOf } from "./prepare.ts";

/** Takes in what relays and workers send. */
export interface Ingest {
  /** The session of one connection. `onPacket` is told of each packet that is taken in. */
  openSession(relayId: string, onPacket?: (packet: HubPacket) => void): IngestSession;
  /** Packets taken in since the start, and how many streams have sent some. */
  readonly stats: { packets: number; streams: number };
}

interface IngestDependencies {
  store: Pick<Store, "openStream" | "problemWithTime">;
  committer: Pick<GroupCommitter, "submit">;
  /** Both get each packet once, before it is committed. Neither waits or throws. */
  shapes: { look(packets: readonly HubPacket[]): void };
  live: { take(packets: readonly HubPacket[]): void };
  observe?: Pick<Observations, "forwarded" | "committed">;
}

/** Wires ingest to both paths. Packets older than `maxLiveAgeMs` are not live. */
export function createIngest(
  dependencies: IngestDependencies,
  { maxLiveAgeMs = 5_000, now = Date.now }: { maxLiveAgeMs?: number; now?: () => number } = {},
): Ingest {
  const parts = { observe: unobserved, ...dependencies, maxLiveAgeMs, now };
  const intake = new Intake(parts);
  return {
    openSession: (relayId, onPacket = () => undefined) => new IngestSession(parts, intake, relayId, onPacket),
    get stats() {
      return intake.stats;
    },
  };
}

type IngestParts = Required<IngestDependencies> & { maxLiveAgeMs: number; now: () => number };

/** What all connections have sent: passes each packet on once, on whichever connection it comes again. */
class Intake {
  readonly #parts: IngestParts;
  readonly #liveSeqs = new LiveSeqs();
  #packets = 0;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  /** `cameAt`: when their message came, on the clock of `performance`. */
  pass(packets: readonly HubPacket[], cameAt: number): void {
    const { shapes, live, observe } = this.#parts;
    this.#packets += packets.length;
    shapes.look(packets);
    live.take(packets);
    observe.forwarded(packets.length, performance.now() - cameAt);
  }

  /** Those that the stream has not passed on yet; it has now, up to `lastSeq`. */
  news(packets: readonly HubPacket[], streamId: string, lastSeq: number): readonly HubPacket[] {
    const liveSeq = this.#liveSeqs.advance(streamId, lastSeq);
    return packets.filter(({ seq = 0 }) => seq > liveSeq);
  }

  get stats(): Ingest["stats"] {
    return { packets: this.#packets, streams: this.#liveSeqs.size };
  }
}

/** A stream on one connection. `takenSeq` is ahead of what is committed by the batches under way. */
interface StreamProgress {
  takenSeq: number;
}

/** A batch with the step that its rows take. */
interface BatchOfStream extends Submission {
  stream: StreamStep;
}

/** More than one relay process has; a client that opens streams without end is refused. */
const maxStreams = 16;

/** Of one client: it may not fill what all share. More than a relay keeps under way: 64 batches of half a megabyte. */
const maxWaiting = { rows: 40_000, bytes: 64_000_000 };

/** What one connection sends: batches of its streams, and packets without one. */
export class IngestSession {
  readonly #parts: IngestParts;
  readonly #intake: Intake;
  readonly #relayId: string;
  readonly #onPacket: (packet: HubPacket) => void;
  /** `undefined`: another relay's. */
  readonly #streams = new Map<string, Promise<StreamProgress | undefined>>();
  #waitingRows = 0;
  #waitingBytes = 0;

  constructor(parts: IngestParts, intake: Intake, relayId: string, onPacket: (packet: HubPacket) => void) {
    this.#parts = parts;
    this.#intake = intake;
    this.#relayId = relayId;
    this.#onPacket = onPacket;
  }

  /**
   * Finds or begins a stream.
   *
   * @returns its committed seq; a failure when it is another relay's
   * @throws when the database cannot be reached
   */
  async openStream(uuid: string): Promise<number | Failure> {
    const streamId = uuid.toLowerCase();
    const takenSeq = await this.#parts.store.openStream(streamId, this.#relayId);
    if (takenSeq === undefined) return foreignStream(streamId, this.#relayId);
    this.#streams.set(streamId, Promise.resolve({ takenSeq }));
    return takenSeq;
  }

  /**
   * Takes a `relay_to_hub` message; resolves with its acknowledgement. Nothing here may hold the message while that is
   * awaited: thousands of them wait at a time.
   */
  receive(message: unknown): Promise<Stored | Failure> {
    const cameAt = performance.now();
    return this.#receiveAny(message, cameAt).then((answer) => {
      if (answer.ok) this.#parts.observe.committed(performance.now() - cameAt);
      return answer;
    });
  }

  #receiveAny(message: unknown, cameAt: number): Promise<Stored | Failure> {
    if (isBatch(message)) return whenValid(validate.batch(message), (batch) => this.#receiveBatch(batch, cameAt));
    if (Array.isArray(message)) {
      return whenValid(validate.packetArray(message), (packets) => this.#receiveLoose(packets, cameAt));
    }
    return whenValid(validate.packet(message), (packet) => this.#receiveLoose([packet], cameAt));
  }

  async #receiveLoose(packets: readonly Packet[], cameAt: number): Promise<Stored | Failure> {
    const { store, maxLiveAgeMs, now } = this.#parts;
    const origin = { receivedAt: now(), offsetMs: 0, streamId: undefined, firstSeq: undefined, maxLiveAgeMs };
    const prepared = prepare(store, packets, origin);
    if (!prepared.ok) return prepared.failure;
    this.#pass(prepared.packets, cameAt);
    const outcome = await this.#commit(prepared.submission);
    if ("ok" in outcome) return outcome;
    return outcome.kind === "unstorable" ? failure("unstorable", outcome.problem) : { ok: true };
  }

  async #receiveBatch(batch: Batch, cameAt: number): Promise<Stored | Failure> {
    const { store, maxLiveAgeMs, now } = this.#parts;
    const receivedAt = now();
    const { first_seq: firstSeq, packets, clock_offset_ms: offsetMs = 0 } = batch;
    if (packets.length - 1 > Number.MAX_SAFE_INTEGER - firstSeq) {
      return failure("invalid_message", `a batch: its seqs must not pass ${Number.MAX_SAFE_INTEGER}`);
    }
    const streamId = batch.stream_id.toLowerCase();
    const opening = this.#streamOf(streamId);
    if (opening === undefined) {
      return failure("overloaded", `a connection may have ${maxStreams} streams, and has them already`);
    }
    const progress = await opening;
    if (progress === undefined) return foreignStream(streamId, this.#relayId);
    const expectedSeq = progress.takenSeq;
    const position = placeBatch(expectedSeq, firstSeq, packets.length, coversFrom(batch));
    if (position.kind === "gap") return gap(position.expectedSeq, firstSeq);
    // Known packets may still be on their way to the disk: a step of no rows waits for them.
    const skip = position.kind === "known" ? packets.length : position.skip;
    const origin = { receivedAt, offsetMs, streamId, firstSeq: firstSeq + skip, maxLiveAgeMs };
    const prepared = prepare(store, packets.slice(skip), origin);
    if (!prepared.ok) return prepared.failure;
    const lastSeq = Math.max(expectedSeq, firstSeq + packets.length - 1);
    progress.takenSeq = lastSeq;
    this.#pass(this.#intake.news(prepared.packets, streamId, lastSeq), cameAt);
    return this.#commitBatch({ ...prepared.submission, stream: { streamId, expectedSeq, lastSeq } }, progress);
  }

  #streamOf(streamId: string): Promise<StreamProgress | undefined> | undefined {
    const known = this.#streams.get(streamId);
    if (known !== undefined || this.#streams.size >= maxStreams) return known;
    const opening = this.#parts.store
      .openStream(streamId, this.#relayId)
      .then((takenSeq) => (takenSeq === undefined ? undefined : { takenSeq }));
    this.#streams.set(streamId, opening);
    opening.catch(() => this.#streams.delete(streamId));
    return opening;
  }

  #pass(packets: readonly HubPacket[], cameAt: number): void {
    for (const packet of packets) this.#onPacket(packet);
    this.#intake.pass(packets, cameAt);
  }

  /** Moves the stream on by the database's compare-and-set; after a conflict from where it really stands. */
  async #commitBatch(batch: BatchOfStream, progress: StreamProgress): Promise<Stored | Failure> {
    const step = batch.stream;
    const takeBack = (seq: number) => {
      progress.takenSeq = Math.min(progress.takenSeq, seq);
    };
    const outcome = await this.#commit(batch);
    if ("ok" in outcome) {
      takeBack(step.expectedSeq);
      return outcome;
    }
    if (outcome.kind === "committed") return committedUpTo(step.lastSeq, progress);
    if (outcome.kind === "unstorable") {
      takeBack(step.expectedSeq);
      return failure("unstorable", outcome.problem, outcome.seq === undefined ? {} : { seq: outcome.seq });
    }
    const { committedSeq } = outcome;
    if (committedSeq >= step.lastSeq) return committedUpTo(committedSeq, progress);
    if (committedSeq < step.expectedSeq) {
      takeBack(committedSeq);
      return gap(committedSeq + 1, step.expectedSeq + 1);
    }
    const rows = batch.rows.filter(({ seq = 0 }) => seq > committedSeq);
    const stream = { ...step, expectedSeq: committedSeq };
    return this.#commitBatch({ ...submissionOf(rows, batch.blobs), stream }, progress);
  }

  /** Commits within the client's quota, or says in the contract's words why that could not be tried. */
  async #commit(submission: Submission): Promise<BatchOutcome | Failure> {
    // A step of no rows waits as well.
    const rows = Math.max(1, submission.rows.length);
    const { bytes } = submission;
    if (this.#waitingRows + rows > maxWaiting.rows || this.#waitingBytes + bytes > maxWaiting.bytes) {
      return failure(
        "overloaded",
        `${this.#waitingRows} rows (${this.#waitingBytes} bytes) of this client wait for the database, at most ` +
          `${maxWaiting.rows} (${maxWaiting.bytes} bytes) may; wait for acknowledgements before sending more`,
      );
    }
    this.#waitingRows += rows;
    this.#waitingBytes += bytes;
    try {
      return await this.#parts.committer.submit(submission);
    } catch (error) {
      if (error instanceof CommitterFull) return failure("overloaded", `${error.message}; try again later`);
      return failure("unavailable", `the database did not take it: ${String(error)}; send it again`);
    } finally {
      this.#waitingRows -= rows;
      this.#waitingBytes -= bytes;
    }
  }
}

const isBatch = (message: unknown) => typeof message === "object" && message !== null && "packets" in message;

async function whenValid<T>(
  validation: Validation<T>,
  use: (value: T) => Promise<Stored | Failure>,
): Promise<Stored | Failure> {
  return validation.ok ? use(validation.value) : failure("invalid_message", validation.problem);
}

/** A batch that begins with a `relay_gap` accounts for the packets that the relay dropped before it. */
function coversFrom({ first_seq, packets: [first] }: Batch): number {
  if (first?.type !== relayGapType) return first_seq;
  const dropped = validate.relayGap(first.val);
  return dropped.ok && dropped.value.last_seq === first_seq ? Math.min(first_seq, dropped.value.first_seq) : first_seq;
}

/** What is committed is taken in, whichever connection sent it. */
function committedUpTo(seq: number, progress: StreamProgress): Stored {
  progress.takenSeq = Math.max(progress.takenSeq, seq);
  return { ok: true, committed_seq: seq };
}

/** Packets are missing before a batch. */
function gap(expectedSeq: number, firstSeq: number): Failure {
  return failure("gap", `expected a batch from seq ${expectedSeq} on; this one starts at ${firstSeq}`, {
    expected_seq: expectedSeq,
  });
}

/** Where anonymous clients are allowed, ids are what they say: this then keeps mistakes away, not attackers. */
function foreignStream(streamId: string, relayId: string): Failure {
  return failure(
    "forbidden",
    `stream ${streamId} was begun by another relay than ${relayId}: register with the id that began it, or begin a new one`,
  );
}
