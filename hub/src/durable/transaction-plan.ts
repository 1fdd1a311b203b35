/** Which of the waiting batches share the next transaction: pure, so that every case can be tested. */
import type { BatchOutcome, StreamStep, TelemetryBatch, TelemetryRow } from "@physical-ai/db";
import type { Blob } from "../storable.ts";

/** Rows to commit together, with the blobs that they refer to. */
export interface Submission extends TelemetryBatch {
  blobs: readonly Blob[];
}

/** About how much memory a submission's values take. */
export function bytesOf({ rows, blobs }: Submission): number {
  let bytes = 0;
  for (const { valueJson } of rows) bytes += valueJson.length;
  for (const blob of blobs) bytes += blob.bytes.length;
  return bytes;
}

/** A submission whose sender waits for the outcome. */
export interface Waiting {
  submission: Submission;
  resolve(outcome: BatchOutcome): void;
  reject(error: Error): void;
}

/** One batch for the store: submissions of one stream that follow on each other, or one without a stream. */
export interface Unit {
  batch: TelemetryBatch;
  members: Waiting[];
}

/**
 * Takes from the front of the queue what fits into one transaction. A stream has one compare-and-set a transaction:
 * its submissions become one unit while they follow on each other, and the first that does not ends the transaction.
 *
 * @param queue not empty
 * @returns the units, and how many submissions they took; at least one
 */
export function nextTransaction(
  queue: readonly Waiting[],
  maxRows: number,
  maxBytes = Number.POSITIVE_INFINITY,
): { units: Unit[]; taken: number } {
  const units: OpenUnit[] = [];
  const ofStream = new Map<string, OpenUnit>();
  let rows = 0;
  let bytes = 0;
  let taken = 0;
  for (const waiting of queue) {
    const { submission } = waiting;
    rows += submission.rows.length;
    bytes += bytesOf(submission);
    if (taken > 0 && (rows > maxRows || bytes > maxBytes)) break;
    const before = submission.stream === undefined ? undefined : ofStream.get(submission.stream.streamId);
    if (before === undefined) {
      const unit = { members: [waiting], rows: [...submission.rows], stream: submission.stream };
      units.push(unit);
      if (submission.stream !== undefined) ofStream.set(submission.stream.streamId, unit);
    } else if (!append(before, waiting)) {
      break;
    }
    taken++;
  }
  return { units: units.map(closeUnit), taken };
}

interface OpenUnit {
  members: Waiting[];
  rows: TelemetryRow[];
  stream: StreamStep | undefined;
}

function append(unit: OpenUnit, waiting: Waiting): boolean {
  const { rows, stream } = waiting.submission;
  if (stream === undefined || unit.stream === undefined || unit.stream.lastSeq !== stream.expectedSeq) return false;
  unit.members.push(waiting);
  for (const row of rows) unit.rows.push(row);
  unit.stream = { ...unit.stream, lastSeq: stream.lastSeq };
  return true;
}

function closeUnit({ members, rows, stream }: OpenUnit): Unit {
  return { members, batch: stream === undefined ? { rows } : { rows, stream } };
}
