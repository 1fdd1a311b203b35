/** How much of one client may wait for the database: it may not fill what all share. */
import { type Failure, failure } from "@physical-ai/unity-protocol";
import { bytesOf, type Submission } from "./transaction-plan.ts";

/** Somewhat more than a relay keeps under way: 64 batches of 500 packets, half a megabyte at most. */
const most = { rows: 40_000, bytes: 64_000_000 };

/** Commits a submission; a failure when that could not be tried. */
export type Commit<Outcome> = (submission: Submission) => Promise<Outcome | Failure>;

/** Makes a `commit` that refuses what goes beyond the quota of one client. */
export function withinQuota<Outcome>(commit: Commit<Outcome>): Commit<Outcome> {
  const waiting = { rows: 0, bytes: 0 };

  return async (submission) => {
    // A step of no rows waits as well.
    const rows = Math.max(1, submission.rows.length);
    const bytes = bytesOf(submission);
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
  };
}
