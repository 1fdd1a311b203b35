/** What stays small however much comes: the newest values, a map that forgets the oldest, a rate. */

/** The newest values, at most `capacity` of them. */
export class Ring<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: T): void {
    this.#items.push(item);
    if (this.#items.length > this.#capacity) this.#items.shift();
  }

  /** Oldest first. */
  get items(): readonly T[] {
    return this.#items;
  }

  get newest(): T | undefined {
    return this.#items.at(-1);
  }
}

/** Sets a key; when there are more than `limit`, the one that was added first goes. */
export function remember<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > limit && first !== undefined) map.delete(first);
}

/** Of the moving average. */
const timeConstantMs = 5_000;

/** Events a second, as an exponential moving average: constant memory whatever comes. */
export class RateMeter {
  #startedAt: number | undefined;
  #updatedAt = 0;
  #weight = 0;

  /** Counts an event at `now` (milliseconds). */
  count(now: number): void {
    this.#startedAt ??= now;
    this.#weight = this.#decayed(now) + 1;
    this.#updatedAt = now;
  }

  /** Events a second at `now`; 0 until there is a quarter of a second to judge by. */
  perSecond(now: number): number {
    const elapsed = this.#startedAt === undefined ? 0 : now - this.#startedAt;
    if (elapsed < 250) return 0;
    const windowMs = timeConstantMs * (1 - Math.exp(-elapsed / timeConstantMs));
    return (1_000 * this.#decayed(now)) / windowMs;
  }

  #decayed(now: number): number {
    return this.#weight * Math.exp(-Math.max(0, now - this.#updatedAt) / timeConstantMs);
  }
}
