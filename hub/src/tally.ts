/** Counts of what comes in few kinds. All of them are there from the start, at 0. */
export interface Tally<Kind extends string> {
  add(kind: Kind): void;
  readonly counts: Readonly<Record<string, number>>;
}

/** Makes one that has counted nothing. */
export function createTally<Kind extends string>(kinds: readonly Kind[]): Tally<Kind> {
  const counts = new Map<string, number>(kinds.map((kind) => [kind, 0]));
  return {
    add: (kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1),
    get counts() {
      return Object.fromEntries(counts);
    },
  };
}
