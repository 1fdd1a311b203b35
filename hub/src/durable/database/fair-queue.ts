/** A queue that all share: when it is full, those who have most in it lose, not those who come next. */

/** Bounds of a queue, or of what is taken from it at once. */
export interface QueueBounds {
  items: number;
  bytes: number;
}

/** First in, first out. */
export interface FairQueue<T> {
  /** Returns how many items were given up to stay within the bounds. */
  push(item: T, owner: string): number;
  /** Takes the oldest: at most so many, and about so many bytes, at least one. */
  take(most: QueueBounds): T[];
  readonly size: number;
}

interface Entry<T> {
  item: T;
  owner: string;
  bytes: number;
}

/** So much of the bounds is given up at a time: choosing whose items takes a while. */
const givenUpAtOnce = 0.1;

/** Makes an empty queue. */
export function createFairQueue<T>(bounds: QueueBounds, bytesOf: (item: T) => number): FairQueue<T> {
  let entries: Entry<T>[] = [];
  let waitingBytes = 0;

  /** The oldest items of the owner who has most. */
  function giveUp(): number {
    const owner = greediest(entries, bounds);
    let items = 0;
    let bytes = 0;
    entries = entries.filter((entry) => {
      const enough = items >= bounds.items * givenUpAtOnce || bytes >= bounds.bytes * givenUpAtOnce;
      if (enough || entry.owner !== owner) return true;
      items++;
      bytes += entry.bytes;
      return false;
    });
    waitingBytes -= bytes;
    return items;
  }

  return {
    push(item, owner) {
      const bytes = bytesOf(item);
      entries.push({ item, owner, bytes });
      waitingBytes += bytes;
      let givenUp = 0;
      while (entries.length > bounds.items || waitingBytes > bounds.bytes) givenUp += giveUp();
      return givenUp;
    },
    take(most) {
      let bytes = 0;
      const end = entries.findIndex((entry, index) => {
        bytes += entry.bytes;
        return index > 0 && (index >= most.items || bytes > most.bytes);
      });
      const taken = end === -1 ? entries : entries.slice(0, end);
      entries = entries.slice(taken.length);
      for (const entry of taken) waitingBytes -= entry.bytes;
      return taken.map(({ item }) => item);
    },
    get size() {
      return entries.length;
    },
  };
}

function greediest<T>(entries: readonly Entry<T>[], bounds: QueueBounds): string | undefined {
  const shares = new Map<string, number>();
  for (const { owner, bytes } of entries) {
    shares.set(owner, (shares.get(owner) ?? 0) + 1 / bounds.items + bytes / bounds.bytes);
  }
  const [first] = [...shares].sort(([, one], [, other]) => other - one);
  return first?.[0];
}
