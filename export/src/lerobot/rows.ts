/** Rows of several tables as one sequence in the order of time. */
import type { Source } from "./field.ts";

/** A row of any of the three tables. */
export interface Row {
  readonly source: Source;
  /** A data type, a command's name, or a policy's. */
  readonly type: string;
  readonly robotType: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** A packet's `val`, a command's `params`, or a prediction. */
  readonly value: unknown;
}

/** Merges sequences that are each in the order of time. Of rows at the same time the earlier source comes first. */
export async function* mergeByTime(sources: readonly AsyncIterable<readonly Row[]>[]): AsyncGenerator<Row> {
  const readers = sources.map(createReader);
  try {
    await Promise.all(readers.map((reader) => reader.fill()));
    for (;;) {
      const first = earliest(readers);
      if (first?.next === undefined) return;
      yield first.next;
      first.advance();
      // Waiting only where a batch has ended: a promise a row would cost more than the row.
      if (first.next === undefined) await first.fill();
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

interface Reader {
  /** The next row of the batch at hand. */
  readonly next: Row | undefined;
  advance(): void;
  fill(): Promise<void>;
  close(): Promise<void>;
}

function createReader(source: AsyncIterable<readonly Row[]>): Reader {
  const batches = source[Symbol.asyncIterator]();
  let batch: readonly Row[] = [];
  let at = 0;
  return {
    get next() {
      return batch[at];
    },
    advance() {
      at += 1;
    },
    async fill() {
      while (batch[at] === undefined) {
        const { done, value } = await batches.next();
        if (done === true) return;
        batch = value;
        at = 0;
      }
    },
    async close() {
      await batches.return?.();
    },
  };
}

function earliest(readers: readonly Reader[]): Reader | undefined {
  let first: Reader | undefined;
  for (const reader of readers) {
    if (reader.next === undefined) continue;
    if (first?.next === undefined || reader.next.atMs < first.next.atMs) first = reader;
  }
  return first;
}
