/** Where a batch stands against what the hub has of its stream, and how far each stream has gone on live. */
import { LRUCache } from "lru-cache";

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

/** What a relay must send again, on whichever connection, is not live again. */
export class LiveSeqs {
  /** Each costs about a hundred bytes. The one that has been silent longest is forgotten first. */
  readonly #seqs = new LRUCache<string, number>({ max: 10_000 });

  /** Notes that the stream goes on live up to `lastSeq`; answers up to where it had before, 0 when nobody knows. */
  advance(streamId: string, lastSeq: number): number {
    const before = this.#seqs.get(streamId) ?? 0;
    this.#seqs.set(streamId, Math.max(before, lastSeq));
    return before;
  }

  /** How many streams are known. */
  get size(): number {
    return this.#seqs.size;
  }
}
