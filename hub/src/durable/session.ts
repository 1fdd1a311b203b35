/** What one connection sends as `relay_to_hub`: batches of its streams, and packets without one. */
import type { BatchOutcome, Store } from "@physical-ai/db";
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
import type { HubPacket } from "../packet.ts";
import { prepare } from "./prepare.ts";
import { type Commit, withinQuota } from "./session-quota.ts";
import { placeBatch } from "./stream-cursor.ts";
import { commitBatch, gap, type StreamProgress } from "./stream-progress.ts";

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

interface SessionDependencies {
  store: Pick<Store, "openStream" | "problemWithTime">;
  commit: Commit<BatchOutcome>;
  /** Notes that a stream goes on live up to `lastSeq`; answers up to where it had before. */
  advanceLive: (streamId: string, lastSeq: number) => number;
  /** Gets packets before they are committed; `cameAt` is when their message came, on the clock of `performance`. */
  announce: (received: readonly HubPacket[], cameAt: number) => void;
  /** Told when a message is committed that came at `cameAt`. */
  onCommitted: (cameAt: number) => void;
  maxLiveAgeMs: number;
  now: () => number;
}

/** More than one relay process has; a client that opens streams without end is refused. */
const maxStreams = 16;

/** Makes the session of a relay's connection. */
export function createSession(dependencies: SessionDependencies, relayId: string): IngestSession {
  const { store, advanceLive, announce, onCommitted, maxLiveAgeMs, now } = dependencies;
  const commit = withinQuota(dependencies.commit);
  /** `undefined`: another relay's. */
  const streams = new Map<string, Promise<StreamProgress | undefined>>();

  async function openStream(uuid: string): Promise<number | Failure> {
    const streamId = uuid.toLowerCase();
    const takenSeq = await store.openStream(streamId, relayId);
    if (takenSeq === undefined) return foreignStream(streamId, relayId);
    streams.set(streamId, Promise.resolve({ takenSeq }));
    return takenSeq;
  }

  function streamOf(streamId: string): Promise<StreamProgress | undefined> | undefined {
    const known = streams.get(streamId);
    if (known !== undefined || streams.size >= maxStreams) return known;
    const opening = store
      .openStream(streamId, relayId)
      .then((takenSeq) => (takenSeq === undefined ? undefined : { takenSeq }));
    streams.set(streamId, opening);
    opening.catch(() => streams.delete(streamId));
    return opening;
  }

  async function receiveBatch(batch: Batch, cameAt: number): Promise<Stored | Failure> {
    const receivedAt = now();
    const { first_seq: firstSeq, packets } = batch;
    if (packets.length - 1 > Number.MAX_SAFE_INTEGER - firstSeq) {
      return failure("invalid_message", `a batch: its seqs must not pass ${Number.MAX_SAFE_INTEGER}`);
    }
    const streamId = batch.stream_id.toLowerCase();
    const opening = streamOf(streamId);
    if (opening === undefined) {
      return failure("overloaded", `a connection may have ${maxStreams} streams, and has them already`);
    }
    const progress = await opening;
    if (progress === undefined) return foreignStream(streamId, relayId);
    const expectedSeq = progress.takenSeq;
    const position = placeBatch(expectedSeq, firstSeq, packets.length, coversFrom(batch));
    if (position.kind === "gap") return gap(position.expectedSeq, firstSeq);
    // Known packets may still be on their way to the disk: a step of no rows waits for them.
    const skip = position.kind === "known" ? packets.length : position.skip;
    const origin = {
      receivedAt,
      offsetMs: batch.clock_offset_ms ?? 0,
      streamId,
      firstSeq: firstSeq + skip,
      maxLiveAgeMs,
    };
    const prepared = prepare(store, packets.slice(skip), origin);
    if (!prepared.ok) return prepared.failure;
    const lastSeq = Math.max(expectedSeq, firstSeq + packets.length - 1);
    progress.takenSeq = lastSeq;
    const liveSeq = advanceLive(streamId, lastSeq);
    announce(
      prepared.received.filter(({ seq = 0 }) => seq > liveSeq),
      cameAt,
    );
    return commitBatch(commit, { ...prepared.submission, stream: { streamId, expectedSeq, lastSeq } }, progress);
  }

  async function receiveLoose(packets: readonly Packet[], cameAt: number): Promise<Stored | Failure> {
    const origin = { receivedAt: now(), offsetMs: 0, streamId: undefined, firstSeq: undefined, maxLiveAgeMs };
    const prepared = prepare(store, packets, origin);
    if (!prepared.ok) return prepared.failure;
    announce(prepared.received, cameAt);
    const outcome = await commit(prepared.submission);
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
    // Nothing here may hold the message while its answer is awaited: thousands of them wait at a time.
    receive(message) {
      const cameAt = performance.now();
      return receiveAny(message, cameAt).then((answer) => {
        if (answer.ok) onCommitted(cameAt);
        return answer;
      });
    },
  };
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
