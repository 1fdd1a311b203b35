/**
 * Notices that nothing comes back over a link, as when a network has forgotten it, long before Socket.IO's pings do.
 *
 * That an acknowledgement is late says nothing by itself: it may wait for the database. So when none has come for a
 * while, the hub is asked for something that it answers at once.
 */

export interface LinkProbeDependencies {
  /** Asks the hub what it answers at once; rejects when no answer came in time. */
  ask: () => Promise<unknown>;
  /** Nothing comes back: neither what the hub owes us, nor the answer to a question. */
  onDead: () => void;
}

export interface LinkProbe {
  /** Keeps an eye on the link until the hub has answered; the answer itself may take as long as it takes. */
  watch<T>(answer: Promise<T>): Promise<T>;
}

/** Makes a probe that asks when the hub owes answers and none of them has come for `quietMs`. */
export function createLinkProbe({ ask, onDead }: LinkProbeDependencies, quietMs: number): LinkProbe {
  let owed = 0;
  let answers = 0;
  let quiet: NodeJS.Timeout | undefined;

  function waitAnew(): void {
    clearTimeout(quiet);
    quiet = owed > 0 ? setTimeout(probe, quietMs) : undefined;
  }

  async function probe(): Promise<void> {
    const before = answers;
    const answered = await ask().then(
      () => true,
      () => answers > before,
    );
    if (!answered && owed > 0) onDead();
    waitAnew();
  }

  return {
    async watch(answer) {
      owed += 1;
      quiet ??= setTimeout(probe, quietMs);
      try {
        const value = await answer;
        answers += 1;
        return value;
      } finally {
        owed -= 1;
        waitAnew();
      }
    },
  };
}
