/** `relay_to_hub`: from a message to committed rows and an acknowledgement, and to the live path on the way. */
import type { BatchOutcome, Store, TelemetryRow } from "@physical-ai/db";
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
import { type Observations, unobserved } from "../metrics/observations.ts";
import { CommitterFull, type GroupCommitter } from "./group-committer.ts";
import { createLiveSeqs } from "./live-seqs.ts";
import { type Blob, problemWithFields, type StorableValue, toStorable } from "./storable.ts";
import { placeBatch } from "./stream-cursor.ts";
import { bytesOf, type Submission } from "./transaction-plan.ts";

/** A packet as the hub took it in. Times are epoch milliseconds on the hub's clock. */
export interface ReceivedPacket {
  packet: Packet;
  createdAt: number;
  receivedAt: number;
  streamId: string | undefined;
  seq: number | undefined;
}

/** What one connection may send: its streams, and how far each has been taken in. */
export interface IngestSession {
  /**
   * Finds or begins a stream.
   *
   * @returns its committed seq; a failure when it is another relay's
   * @throws when the database cannot be reached
   */
  openStream(streamId: string): Promise<number | Failure>;
  /** Takes a `relay_to_hub` message; resolves with its acknowledgement. */
  receive(message: unknown): Promise<Stored | Failure>;
}

/** Makes sessions. */
export interface Ingest {
  /** `onPacket` is told of each packet that is taken in. */
  createSession(relayId: string, onPacket?: (received: ReceivedPacket) => void): IngestSession;
  /** Packets taken in since the start, and how many streams have sent some. */
  readonly stats: { packets: number; streams: number };
}

interface IngestDependencies {
  store: Pick<Store, "openStream" | "problemWithTime">;
  committer: GroupCommitter;
  /** Gets each packet once, before it is committed. */
  onReceived: (packets: readonly ReceivedPacket[]) => void;
  observe?: Pick<Observations, "forwarded" | "committed">;
  now?: () => number;
}

/** A stream on one connection. */
interface StreamState {
  /** Ahead of what is committed by the batches under way. */
  takenSeq: number;
}

const streamAt = (committedSeq: number): StreamState => ({ takenSeq: committedSeq });

/** More than one relay process has; a client that opens streams without end is refused. */
const maxStreamsPerSession = 16;

/** Several times what a relay keeps under way. */
const maxWaitingPerSession = { rows: 20_000, bytes: 64_000_000 };

/** Makes the ingest path. */
export function createIngest({
  store,
  committer,
  onReceived,
  observe = unobserved,
  now = Date.now,
}: IngestDependencies): Ingest {
  const liveSeqs = createLiveSeqs();
  let packets = 0;

  function createSession(relayId: string, onPacket?: (received: ReceivedPacket) => void): IngestSession {
    function announce(received: readonly ReceivedPacket[], cameAt: number): void {
      packets += received.length;
      if (onPacket !== undefined) for (const one of received) onPacket(one);
      onReceived(received);
      observe.forwarded(received.length, performance.now() - cameAt);
    }

    /** `undefined`: another relay's. */
    const streams = new Map<string, Promise<StreamState | undefined>>();
    const waiting = { rows: 0, bytes: 0 };

    /** One client may not fill what all share. */
    async function commitOwn(submission: Submission): Promise<BatchOutcome | Failure> {
      // A step of no rows waits as well.
      const rows = Math.max(1, submission.rows.length);
      const bytes = bytesOf(submission);
      const most = maxWaitingPerSession;
      if (waiting.rows + rows > most.rows || waiting.bytes + bytes > most.bytes) {
        return failure(
          "overloaded",
          `${waiting.rows} rows (${waiting.bytes} bytes) of this client wait for the database, at most ${most.rows} ` +
            `(${most.bytes} bytes) may; wait for acknowledgements before sending more`,
        );
      }
      waiting.rows += rows;
      waiting.bytes += bytes;
      return commit(submission).finally(() => {
        waiting.rows -= rows;
        waiting.bytes -= bytes;
      });
    }

    async function openStream(uuid: string): Promise<number | Failure> {
      const streamId = uuid.toLowerCase();
      const takenSeq = await store.openStream(streamId, relayId);
      if (takenSeq === undefined) return foreignStream(streamId, relayId);
      streams.set(streamId, Promise.resolve(streamAt(takenSeq)));
      return takenSeq;
    }

    function streamOf(streamId: string): Promise<StreamState | undefined> | undefined {
      const known = streams.get(streamId);
      if (known !== undefined || streams.size >= maxStreamsPerSession) return known;
      const opening = store
        .openStream(streamId, relayId)
        .then((takenSeq) => (takenSeq === undefined ? undefined : streamAt(takenSeq)));
      streams.set(streamId, opening);
      opening.catch(() => streams.delete(streamId));
      return opening;
    }

    async function receiveBatch(batch: Batch, cameAt: number): Promise<Stored | Failure> {
      const receivedAt = now();
      if (batch.packets.length - 1 > Number.MAX_SAFE_INTEGER - batch.first_seq) {
        return failure("invalid_message", `a batch: its seqs must not pass ${Number.MAX_SAFE_INTEGER}`);
      }
      const streamId = batch.stream_id.toLowerCase();
      const opening = streamOf(streamId);
      if (opening === undefined) {
        return failure("overloaded", `a connection may have ${maxStreamsPerSession} streams, and has them already`);
      }
      const stream = await opening;
      if (stream === undefined) return foreignStream(streamId, relayId);
      const position = placeBatch(stream.takenSeq, batch.first_seq, batch.packets.length, coversFrom(batch));
      if (position.kind === "gap") return gap(position.expectedSeq, batch.first_seq);
      // Known packets may still be on their way to the disk: a step of no rows waits for them.
      const skip = position.kind === "known" ? batch.packets.length : position.skip;
      const prepared = prepare(batch.packets.slice(skip), {
        receivedAt,
        offsetMs: batch.clock_offset_ms ?? 0,
        streamId,
        firstSeq: batch.first_seq + skip,
      });
      if (!prepared.ok) return prepared.failure;
      const before = stream.takenSeq;
      const lastSeq = Math.max(before, batch.first_seq + batch.packets.length - 1);
      stream.takenSeq = lastSeq;
      const liveSeq = liveSeqs.advance(streamId, lastSeq);
      const unseen = prepared.received.filter(({ seq = 0 }) => seq > liveSeq);
      announce(unseen, cameAt);
      const step = { streamId, expectedSeq: before, lastSeq };
      return commitStep({ ...prepared.submission, stream: step }, stream);
    }

    /** Commits, and after a conflict goes on from where the stream really stands. */
    async function commitStep(submission: Submission, stream: StreamState): Promise<Stored | Failure> {
      const step = submission.stream;
      if (step === undefined) throw new Error("a batch of a stream has a step");
      const outcome = await commitOwn(submission);
      if ("ok" in outcome) {
        stream.takenSeq = Math.min(stream.takenSeq, step.expectedSeq);
        return outcome;
      }
      if (outcome.kind === "committed") return committedUpTo(step.lastSeq, stream);
      if (outcome.kind === "unstorable") {
        stream.takenSeq = Math.min(stream.takenSeq, step.expectedSeq);
        return failure("unstorable", outcome.problem, outcome.seq === undefined ? {} : { seq: outcome.seq });
      }
      const { committedSeq } = outcome;
      if (committedSeq >= step.lastSeq) return committedUpTo(committedSeq, stream);
      if (committedSeq < step.expectedSeq) {
        stream.takenSeq = Math.min(stream.takenSeq, committedSeq);
        return gap(committedSeq + 1, step.expectedSeq + 1);
      }
      const rows = submission.rows.filter(({ seq = 0 }) => seq > committedSeq);
      return commitStep({ ...submission, rows, stream: { ...step, expectedSeq: committedSeq } }, stream);
    }

    async function receiveLoose(packets: readonly Packet[], cameAt: number): Promise<Stored | Failure> {
      const prepared = prepare(packets, { receivedAt: now(), offsetMs: 0, streamId: undefined, firstSeq: undefined });
      if (!prepared.ok) return prepared.failure;
      announce(prepared.received, cameAt);
      const outcome = await commitOwn(prepared.submission);
      if ("ok" in outcome) return outcome;
      return outcome.kind === "unstorable" ? failure("unstorable", outcome.problem) : { ok: true };
    }

    function receiveAny(message: unknown, cameAt: number): Promise<Stored | Failure> {
      if (isBatch(message)) return whenValid(validate.batch(message), (batch) => receiveBatch(batch, cameAt));
      if (Array.isArray(message)) {
        return whenValid(validate.packetArray(message), (packets) => receiveLoose(packets, cameAt));
      }
      return whenValid(validate.packet(message), (packet) => receiveLoose([packet], cameAt));
    }

    return {
      openStream,
      async receive(message) {
        const cameAt = performance.now();
        const answer = await receiveAny(message, cameAt);
        if (answer.ok) observe.committed(performance.now() - cameAt);
        return answer;
      },
    };
  }

  /** Commits, or says in the contract's words why it could not be tried. */
  async function commit(submission: Submission): Promise<BatchOutcome | Failure> {
    try {
      return await committer.submit(submission);
    } catch (error) {
      if (error instanceof CommitterFull) return failure("overloaded", `${error.message}; try again later`);
      return failure("unavailable", `the database did not take it: ${String(error)}; send it again`);
    }
  }

  function prepare(packets: readonly Packet[], origin: Origin): Prepared {
    const rows: TelemetryRow[] = [];
    const blobs: Blob[] = [];
    const received: ReceivedPacket[] = [];
    for (const [index, packet] of packets.entries()) {
      const seq = origin.firstSeq === undefined ? undefined : origin.firstSeq + index;
      const details = seq === undefined ? {} : { seq };
      const createdAt = packet.ts === undefined ? origin.receivedAt : packet.ts + origin.offsetMs;
      const clockProblem = store.problemWithTime(createdAt);
      if (clockProblem !== undefined) return { ok: false, failure: failure("bad_clock", clockProblem, details) };
      const value = toStorable(packet.val);
      if (!value.ok) return { ok: false, failure: failure("unstorable", value.problem, details) };
      const fieldProblem = problemWithFields(packet, value.blobs.length);
      if (fieldProblem !== undefined) return { ok: false, failure: failure("unstorable", fieldProblem, details) };
      for (const blob of value.blobs) blobs.push(blob);
      rows.push(rowOf(packet, value, createdAt, origin, seq));
      received.push({ packet, createdAt, receivedAt: origin.receivedAt, streamId: origin.streamId, seq });
    }
    return { ok: true, submission: { rows, blobs }, received };
  }

  return {
    createSession,
    get stats() {
      return { packets, streams: liveSeqs.size };
    },
  };
}

/** What all packets of a message share. */
interface Origin {
  receivedAt: number;
  /** What the relay's clock lacks to the hub's. */
  offsetMs: number;
  streamId: string | undefined;
  firstSeq: number | undefined;
}

type Prepared = { ok: true; submission: Submission; received: ReceivedPacket[] } | { ok: false; failure: Failure };

function rowOf(
  packet: Packet,
  { json, blobs }: StorableValue,
  createdAt: number,
  { receivedAt, streamId }: Origin,
  seq: number | undefined,
): TelemetryRow {
  return {
    robotId: packet.robot_id,
    robotType: packet.robot_type,
    dataType: packet.type,
    valueJson: json,
    createdAt,
    receivedAt,
    streamId,
    seq,
    blobs: blobs.length === 0 ? undefined : blobs.map(({ sha256 }) => sha256),
  };
}

/** What is committed is taken in, whichever connection sent it. */
function committedUpTo(seq: number, stream: StreamState): Stored {
  stream.takenSeq = Math.max(stream.takenSeq, seq);
  return { ok: true, committed_seq: seq };
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

/** Where anonymous clients are allowed, ids are what they say: this then keeps mistakes away, not attackers. */
function foreignStream(streamId: string, relayId: string): Failure {
  return failure(
    "forbidden",
    `stream ${streamId} was begun by another relay than ${relayId}: register with the id that began it, or begin a new one`,
  );
}

function gap(expectedSeq: number, firstSeq: number): Failure {
  return failure("gap", `expected a batch from seq ${expectedSeq} on; this one starts at ${firstSeq}`, {
    expected_seq: expectedSeq,
  });
}
