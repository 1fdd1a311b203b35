/**
 * Notices that nothing comes back over a connection, as when a network has forgotten it, long before Socket.IO's pings do.
 *
 * That an acknowledgement is late says nothing by itself: it may wait for the database. So when none has come for a
 * while, the hub is asked for something that it answers at once.
 */

interface LivenessProbeDependencies {
  /** Asks the hub what it answers at once; rejects when no answer came in time. */
  ask: () => Promise<unknown>;
  /** Nothing comes back: neither what the hub owes us, nor the answer to a question. */
  onDead: () => void;
}

export class LivenessProbe {
  readonly #dependencies: LivenessProbeDependencies;
  readonly #quietMs: number;
  #owed = 0;
  #answers = 0;
  #quiet: NodeJS.Timeout | undefined;

  /** Asks when the hub owes answers and none of them has come for `quietMs`. */
  constructor(dependencies: LivenessProbeDependencies, quietMs: number) {
    this.#dependencies = dependencies;
    this.#quietMs = quietMs;
  }

  /** Keeps an eye on the connection until the hub has answered; the answer itself may take as long as it takes. */
  async watch<T>(answer: Promise<T>): Promise<T> {
    this.#owed += 1;
    this.#quiet ??= this.#probeLater();
    try {
      const value = await answer;
      this.#answers += 1;
      return value;
    } finally {
      this.#owed -= 1;
      this.#waitAnew();
    }
  }

  #waitAnew(): void {
    clearTimeout(this.#quiet);
    this.#quiet = this.#owed > 0 ? this.#probeLater() : undefined;
  }

  #probeLater(): NodeJS.Timeout {
    return setTimeout(() => this.#probe(), this.#quietMs);
  }

  async #probe(): Promise<void> {
    const before = this.#answers;
    const answered = await this.#dependencies.ask().then(
      () => true,
      () => this.#answers > before,
    );
    if (!answered && this.#owed > 0) this.#dependencies.onDead();
    this.#waitAnew();
  }
}
