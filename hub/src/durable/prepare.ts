/** From the packets of a message to rows and blobs for the database, and to what the live path gets. */
import type { Store, StreamStep, TelemetryBatch, TelemetryRow } from "@physical-ai/db";
import { type Failure, failure, type Packet } from "@physical-ai/unity-protocol";
import type { HubPacket } from "../packet.ts";
import { type Blob, type StorablePacket, toStorablePacket } from "../storable.ts";

/** What all packets of a message share. */
export interface Origin {
  /** Epoch milliseconds on the hub's clock. */
  receivedAt: number;
  /** What the relay's clock lacks to the hub's. */
  offsetMs: number;
  streamId: string | undefined;
  /** The number of the first packet, in a stream. */
  firstSeq: number | undefined;
  /** Packets that are older are stored, and not pushed to workers and viewers. */
  maxLiveAgeMs: number;
}

/** Rows to commit together, with the blobs that they refer to. */
export interface Submission extends TelemetryBatch {
  blobs: readonly Blob[];
  /** About how much memory rows and blobs take, while they wait for the database. */
  bytes: number;
}

/** All packets of a message, or what is wrong with the first bad one. */
export type Prepared = { ok: true; submission: Submission; packets: HubPacket[] } | { ok: false; failure: Failure };

/** Prepares packets that are what the contract says; the database may still refuse their times and values. */
export function prepare(
  store: Pick<Store, "problemWithTime">,
  packets: readonly Packet[],
  { receivedAt, offsetMs, streamId, firstSeq, maxLiveAgeMs }: Origin,
): Prepared {
  const rows: TelemetryRow[] = [];
  const blobs: Blob[] = [];
  const prepared: HubPacket[] = [];
  for (const [index, packet] of packets.entries()) {
    const seq = firstSeq === undefined ? undefined : firstSeq + index;
    const createdAt = packet.ts === undefined ? receivedAt : packet.ts + offsetMs;
    const clockProblem = store.problemWithTime(createdAt);
    if (clockProblem !== undefined) return refuse("bad_clock", clockProblem, seq);
    const value = toStorablePacket(packet);
    if (!value.ok) return refuse("unstorable", value.problem, seq);
    for (const blob of value.blobs) blobs.push(blob);
    const live = receivedAt - createdAt <= maxLiveAgeMs;
    const one = { packet, receivedAt, streamId, seq, bytes: value.bytes, live };
    prepared.push(one);
    rows.push(rowOf(one, createdAt, value));
  }
  return { ok: true, submission: submissionOf(rows, blobs), packets: prepared };
}

/** Measures them, once for all bounds on their way. */
export function submissionOf(rows: readonly TelemetryRow[], blobs: readonly Blob[], stream?: StreamStep): Submission {
  let bytes = 0;
  for (const { valueJson } of rows) bytes += valueJson.length;
  for (const blob of blobs) bytes += blob.bytes.length;
  return stream === undefined ? { rows, blobs, bytes } : { rows, blobs, bytes, stream };
}

function refuse(code: "bad_clock" | "unstorable", problem: string, seq: number | undefined): Prepared {
  return { ok: false, failure: failure(code, problem, seq === undefined ? {} : { seq }) };
}

function rowOf(
  { packet, receivedAt, streamId, seq }: HubPacket,
  createdAt: number,
  { json, blobs }: StorablePacket & { ok: true },
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
