/** How far a stream has come on one connection, and how a batch moves it on by the database's compare-and-set. */
import type { BatchOutcome, StreamStep } from "@physical-ai/db";
import { type Failure, failure, type Stored } from "@physical-ai/unity-protocol";
import type { Commit } from "./session-quota.ts";
import type { Submission } from "./transaction-plan.ts";

/** A stream on one connection. */
export interface StreamProgress {
  /** Ahead of what is committed by the batches under way. */
  takenSeq: number;
}

/** A batch with the step that its rows take. */
export interface BatchOfStream extends Submission {
  stream: StreamStep;
}

/** Commits a batch, and after a conflict goes on from where the stream really stands. */
export async function commitBatch(
  commit: Commit<BatchOutcome>,
  batch: BatchOfStream,
  progress: StreamProgress,
): Promise<Stored | Failure> {
  const step = batch.stream;
  const takeBack = () => {
    progress.takenSeq = Math.min(progress.takenSeq, step.expectedSeq);
  };
  const outcome = await commit(batch);
  if ("ok" in outcome) {
    takeBack();
    return outcome;
  }
  if (outcome.kind === "committed") return committedUpTo(step.lastSeq, progress);
  if (outcome.kind === "unstorable") {
    takeBack();
    return failure("unstorable", outcome.problem, outcome.seq === undefined ? {} : { seq: outcome.seq });
  }
  const { committedSeq } = outcome;
  if (committedSeq >= step.lastSeq) return committedUpTo(committedSeq, progress);
  if (committedSeq < step.expectedSeq) {
    progress.takenSeq = Math.min(progress.takenSeq, committedSeq);
    return gap(committedSeq + 1, step.expectedSeq + 1);
  }
  const rows = batch.rows.filter(({ seq = 0 }) => seq > committedSeq);
  return commitBatch(commit, { ...batch, rows, stream: { ...step, expectedSeq: committedSeq } }, progress);
}

/** What is committed is taken in, whichever connection sent it. */
function committedUpTo(seq: number, progress: StreamProgress): Stored {
  progress.takenSeq = Math.max(progress.takenSeq, seq);
  return { ok: true, committed_seq: seq };
}

/** Packets are missing before a batch. */
export function gap(expectedSeq: number, firstSeq: number): Failure {
  return failure("gap", `expected a batch from seq ${expectedSeq} on; this one starts at ${firstSeq}`, {
    expected_seq: expectedSeq,
  });
}
