/** Where a batch stands against what the hub has of its stream: pure, so that every case can be tested. */

/** What to do with a batch of `count` packets that starts at `firstSeq`. */
export type BatchPosition =
  /** Packets before `skip` are known already; the rest follows on. `skip` is 0 in the usual case. */
  | { kind: "next"; skip: number }
  /** Every packet is known already. */
  | { kind: "known" }
  /** Packets are missing before it. */
  | { kind: "gap"; expectedSeq: number };

/**
 * Places a batch.
 *
 * @param lastSeq the last packet of the stream that is known
 * @param coversFrom the first packet that the batch accounts for: before `firstSeq` when it begins with a `relay_gap`
 */
export function placeBatch(lastSeq: number, firstSeq: number, count: number, coversFrom = firstSeq): BatchPosition {
  if (coversFrom > lastSeq + 1) return { kind: "gap", expectedSeq: lastSeq + 1 };
  if (firstSeq + count - 1 <= lastSeq) return { kind: "known" };
  return { kind: "next", skip: Math.max(0, lastSeq + 1 - firstSeq) };
}
