/** A queue that all share: when it is full, those who have most in it lose, not those who come next. */

/** Bounds of a queue, or of what is taken from it at once. */
export interface QueueBounds {
  items: number;
  bytes: number;
}

interface Entry<T> {
  item: T;
  owner: string;
  bytes: number;
}

/** So much of the bounds is given up at a time: choosing whose items takes a while. */
const givenUpAtOnce = 0.1;

/** First in, first out. */
export class FairQueue<T> {
  readonly #bounds: QueueBounds;
  readonly #bytesOf: (item: T) => number;
  #entries: Entry<T>[] = [];
  #bytes = 0;

  constructor(bounds: QueueBounds, bytesOf: (item: T) => number) {
    this.#bounds = bounds;
    this.#bytesOf = bytesOf;
  }

  /** Returns how many items were given up to stay within the bounds. */
  push(item: T, owner: string): number {
    const bytes = this.#bytesOf(item);
    this.#entries.push({ item, owner, bytes });
    this.#bytes += bytes;
    let givenUp = 0;
    while (this.#entries.length > this.#bounds.items || this.#bytes > this.#bounds.bytes) givenUp += this.#giveUp();
    return givenUp;
  }

  /** Takes the oldest: at most so many, and about so many bytes, at least one. */
  take(most: QueueBounds): T[] {
    let bytes = 0;
    const end = this.#entries.findIndex((entry, index) => {
      bytes += entry.bytes;
      return index > 0 && (index >= most.items || bytes > most.bytes);
    });
    const taken = end === -1 ? this.#entries : this.#entries.slice(0, end);
    this.#entries = this.#entries.slice(taken.length);
    for (const entry of taken) this.#bytes -= entry.bytes;
    return taken.map(({ item }) => item);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The oldest items of the owner who has most. */
  #giveUp(): number {
    const bounds = this.#bounds;
    const owner = greediest(this.#entries, bounds);
    let items = 0;
    let bytes = 0;
    this.#entries = this.#entries.filter((entry) => {
      const enough = items >= bounds.items * givenUpAtOnce || bytes >= bounds.bytes * givenUpAtOnce;
      if (enough || entry.owner !== owner) return true;
      items++;
      bytes += entry.bytes;
      return false;
    });
    this.#bytes -= bytes;
    return items;
  }
}

function greediest<T>(entries: readonly Entry<T>[], bounds: QueueBounds): string | undefined {
  const shares = new Map<string, number>();
  for (const { owner, bytes } of entries) {
    shares.set(owner, (shares.get(owner) ?? 0) + 1 / bounds.items + bytes / bounds.bytes);
  }
  const [first] = [...shares].sort(([, one], [, other]) => other - one);
  return first?.[0];
}
