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
