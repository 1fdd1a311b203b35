/** Small counters. Names come from data: they are keys of Maps until they are printed. */

/** How often each label (first key) was taken for each (second key). */
export type Confusion = Record<string, Record<string, number>>;

/** Counts by name. */
export function createTally() {
  const counts = new Map<string, number>();
  return {
    add: (name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    counts: (): Record<string, number> => Object.fromEntries(counts),
  };
}

/** Counts what was taken for what. */
export function createConfusion() {
  const rows = new Map<string, ReturnType<typeof createTally>>();
  return {
    add(label: string, predicted: string) {
      const row = rows.get(label) ?? createTally();
      rows.set(label, row);
      row.add(predicted);
    },
    table: (): Confusion => Object.fromEntries([...rows].map(([label, row]) => [label, row.counts()])),
  };
}

/** Counts hits among tries; their share is from 0 to 1, and missing where nothing was tried. */
export function createShare() {
  let count = 0;
  let hits = 0;
  return {
    add(hit: boolean) {
      count += 1;
      if (hit) hits += 1;
    },
    get count() {
      return count;
    },
    get share() {
      return count === 0 ? undefined : hits / count;
    },
  };
}
