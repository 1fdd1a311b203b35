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
  const readers = sources.map((source) => new Reader(source));
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

class Reader {
  readonly #batches: AsyncIterator<readonly Row[]>;
  #batch: readonly Row[] = [];
  #at = 0;

  constructor(source: AsyncIterable<readonly Row[]>) {
    this.#batches = source[Symbol.asyncIterator]();
  }

  /** The next row of the batch at hand. */
  get next(): Row | undefined {
    return this.#batch[this.#at];
  }

  advance(): void {
    this.#at += 1;
  }

  async fill(): Promise<void> {
    while (this.next === undefined) {
      const { done, value } = await this.#batches.next();
      if (done === true) return;
      this.#batch = value;
      this.#at = 0;
    }
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}

function earliest(readers: readonly Reader[]): Reader | undefined {
  let first: Reader | undefined;
  for (const reader of readers) {
    if (reader.next === undefined) continue;
    if (first?.next === undefined || reader.next.atMs < first.next.atMs) first = reader;
  }
  return first;
}
