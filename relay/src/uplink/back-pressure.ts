/** Back-pressure: those who can wait do so until fewer packets are not committed. */

interface Waiter {
  packets: number;
  resolve: () => void;
}

export class BackPressure {
  readonly #backlog: () => number;
  #waiting: readonly Waiter[] = [];
  #ended = false;

  /** @param backlog how many packets are not committed now */
  constructor(backlog: () => number) {
    this.#backlog = backlog;
  }

  /** Resolves when at most `packets` packets are not committed, or when waiting is over. */
  async atMost(packets: number): Promise<void> {
    if (this.#ended || this.#backlog() <= packets) return;
    await new Promise<void>((resolve) => {
      this.#waiting = [...this.#waiting, { packets, resolve }];
    });
  }

  /** The backlog may have become smaller. */
  settle(): void {
    const now = this.#backlog();
    const settled = this.#waiting.filter(({ packets }) => this.#ended || now <= packets);
    this.#waiting = this.#waiting.filter((one) => !settled.includes(one));
    for (const { resolve } of settled) resolve();
  }

  /** Nobody waits any longer, whatever the backlog is. */
  end(): void {
    this.#ended = true;
    this.settle();
  }
}
