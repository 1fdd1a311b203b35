/** What a benchmark is. */

/** Where a benchmark works. */
export interface BenchContext {
  /** A PostgreSQL server on which it makes databases of its own. */
  postgresUrl: string;
  /** An empty folder that goes afterwards. */
  folder: string;
  /** Tells the person at the terminal what is being measured. */
  say: (line: string) => void;
}

/** Figures by name; the last line of `npm run bench -- <name> --json`. */
export type Figures = Record<string, number>;

/** A benchmark: ratios of one run on one machine, never absolute times to compare between machines. */
export interface Bench {
  description: string;
  run(context: BenchContext): Promise<Figures>;
}

/** The middle value; of an even number the upper one. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("no numbers to take the median of");
  return middle;
}

/** Runs `work` and returns how many of `count` it did a second. */
export async function ratePerSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (count / (performance.now() - startedAt)) * 1_000;
}

/** Rounds for printing: three significant digits below ten, whole numbers above. */
export function rounded(figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      value < 10 ? Number(value.toPrecision(3)) : Math.round(value),
    ]),
  );
}
