/** Tells a client that makes a mistake now and then from one that sends nothing but garbage. */

/** Counts a client's wrong messages. */
export interface Strikes {
  /** Notes a message. Returns true when there were too many wrong ones in a row in too short a time. */
  note(wrong: boolean): boolean;
}

/** Makes the count of one client. `now` is a clock in milliseconds. */
export function createStrikes(
  inARow: number,
  withinMs: number,
  now: () => number = performance.now.bind(performance),
): Strikes {
  let count = 0;
  let since = 0;
  return {
    note(wrong) {
      if (!wrong) {
        count = 0;
        return false;
      }
      if (count === 0 || now() - since > withinMs) {
        count = 0;
        since = now();
      }
      count++;
      return count >= inARow;
    },
  };
}
