/** From the packets of a message to rows and blobs for the database, and to what the live path gets. */
import type { Store, TelemetryRow } from "@physical-ai/db";
import { type Failure, failure, type Packet } from "@physical-ai/unity-protocol";
import type { HubPacket } from "../packet.ts";
import { type Blob, type StorableValue, toStorablePacket } from "../storable.ts";
import type { Submission } from "./transaction-plan.ts";

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

/** All packets of a message, or what is wrong with the first bad one. */
export type Prepared = { ok: true; submission: Submission; received: HubPacket[] } | { ok: false; failure: Failure };

/** Prepares packets that are what the contract says; the database may still refuse their times and values. */
export function prepare(
  { problemWithTime }: Pick<Store, "problemWithTime">,
  packets: readonly Packet[],
  origin: Origin,
): Prepared {
  const { receivedAt, offsetMs, streamId, firstSeq, maxLiveAgeMs } = origin;
  const rows: TelemetryRow[] = [];
  const blobs: Blob[] = [];
  const received: HubPacket[] = [];
  for (const [index, packet] of packets.entries()) {
    const seq = firstSeq === undefined ? undefined : firstSeq + index;
    const details = seq === undefined ? {} : { seq };
    const createdAt = packet.ts === undefined ? receivedAt : packet.ts + offsetMs;
    const clockProblem = problemWithTime(createdAt);
    if (clockProblem !== undefined) return { ok: false, failure: failure("bad_clock", clockProblem, details) };
    const value = toStorablePacket(packet);
    if (!value.ok) return { ok: false, failure: failure("unstorable", value.problem, details) };
    for (const blob of value.blobs) blobs.push(blob);
    const live = receivedAt - createdAt <= maxLiveAgeMs;
    const one = { packet, receivedAt, streamId, seq, bytes: value.bytes, live };
    received.push(one);
    rows.push(rowOf(one, createdAt, value));
  }
  return { ok: true, submission: { rows, blobs }, received };
}

function rowOf(
  { packet, receivedAt, streamId, seq }: HubPacket,
  createdAt: number,
  { json, blobs }: StorableValue,
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
