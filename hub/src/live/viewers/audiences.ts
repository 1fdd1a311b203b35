/** Who wants what: for each robot and type the viewers whose filters let it through. */
import { compositeKey } from "../../packet.ts";
import type { Wants } from "./filter.ts";

/** Remembers audiences, so that a packet costs the viewers that want it and not all there are. */
export interface Audiences<V> {
  /** `type` is missing for what has none: statuses and commands. */
  of(robotId: string, type: string | undefined): readonly V[];
  /** To be called when viewers have come or gone. */
  forget(): void;
}

/** Viewers that may be remembered, of all audiences together. */
const maxRemembered = 1_000_000;

/** Makes the audiences of a set of viewers. */
export function createAudiences<V extends { wants: Wants }>(viewers: Iterable<V>): Audiences<V> {
  const known = new Map<string, readonly V[]>();
  let remembered = 0;

  function forget(): void {
    known.clear();
    remembered = 0;
  }

  return {
    of(robotId, type) {
      const key = type === undefined ? robotId : compositeKey(robotId, type);
      const before = known.get(key);
      if (before !== undefined) return before;
      const audience = [...viewers].filter((viewer) => viewer.wants(robotId, type));
      // An audience of nobody takes memory too.
      remembered += audience.length + 1;
      if (remembered > maxRemembered) forget();
      known.set(key, audience);
      return audience;
    },
    forget,
  };
}
