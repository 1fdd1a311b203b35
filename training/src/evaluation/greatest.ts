/** Keeps the greatest of many things, in memory for those alone. */
export interface Greatest<T> {
  add(thing: T): void;
  /** The greatest first. */
  list(): readonly T[];
}

/** @param most how many are kept */
export function keepGreatest<T>(most: number, sizeOf: (thing: T) => number): Greatest<T> {
  let kept: T[] = [];
  const sorted = () => kept.sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, most);
  return {
    add(thing) {
      kept.push(thing);
      if (kept.length >= 2 * most) kept = sorted();
    },
    list: sorted,
  };
}
