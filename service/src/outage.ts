/** Something is away: each thing that there is to say about it is said once, until it is over. */
export interface Outage {
  /** Says what has not been said in this outage, which begins with the first. `what` tells one thing from another. */
  once(what: string, say: () => void): void;
  /** Ends it. Returns how many seconds it lasted; nothing when there was none. */
  over(): number | undefined;
}

/** Makes one that has not begun. */
export function createOutage(): Outage {
  const said = new Set<string>();
  let since: number | undefined;
  return {
    once(what, say) {
      since ??= performance.now();
      if (said.has(what)) return;
      said.add(what);
      say();
    },
    over() {
      if (since === undefined) return undefined;
      const seconds = Math.round((performance.now() - since) / 1_000);
      since = undefined;
      said.clear();
      return seconds;
    },
  };
}
