/** How far each stream has gone on live: what a relay must send again, on whichever connection, is not live again. */

/** Each costs about a hundred bytes. The one that has been silent longest is forgotten first. */
const maxStreams = 10_000;

export interface LiveSeqs {
  /** Notes that the stream goes on live up to `lastSeq`; answers up to where it had before, 0 when nobody knows. */
  advance(streamId: string, lastSeq: number): number;
  /** How many streams are known. */
  readonly size: number;
}

/** Makes an empty one. */
export function createLiveSeqs(): LiveSeqs {
  const seqs = new Map<string, number>();
  return {
    advance(streamId, lastSeq) {
      const before = seqs.get(streamId) ?? 0;
      seqs.delete(streamId);
      seqs.set(streamId, Math.max(before, lastSeq));
      const [silentLongest] = seqs.keys();
      if (seqs.size > maxStreams && silentLongest !== undefined) seqs.delete(silentLongest);
      return before;
    },
    get size() {
      return seqs.size;
    },
  };
}
