/** Those who wait until fewer packets are not committed. */

export interface BacklogWaiters {
  /** Resolves when at most `packets` packets are not committed, or when waiting is over. */
  atMost(packets: number): Promise<void>;
  /** The backlog may have become smaller. */
  settle(): void;
  /** Nobody waits any longer, whatever the backlog is. */
  end(): void;
}

/** @param backlog how many packets are not committed now */
export function createBacklogWaiters(backlog: () => number): BacklogWaiters {
  let waiting: { packets: number; resolve: () => void }[] = [];
  let ended = false;

  function settle(): void {
    const now = backlog();
    const settled = waiting.filter(({ packets }) => ended || now <= packets);
    waiting = waiting.filter((one) => !settled.includes(one));
    for (const { resolve } of settled) resolve();
  }

  return {
    async atMost(packets) {
      if (ended || backlog() <= packets) return;
      await new Promise<void>((resolve) => waiting.push({ packets, resolve }));
    },
    settle,
    end() {
      ended = true;
      settle();
    },
  };
}
