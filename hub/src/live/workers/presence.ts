/** Who is here, on one connection or several, at this hub or another. */

/** Counts the places where each id is. */
export interface Presence {
  /** `place` is anything that stands for one connection, or for one hub. */
  come(id: string, place: unknown): void;
  go(id: string, place: unknown): void;
}

/** Makes an empty presence. `onChange` is told when an id comes first and when it goes last. */
export function createPresence(onChange: (id: string, status: "online" | "offline") => void): Presence {
  const places = new Map<string, Set<unknown>>();
  return {
    come(id, place) {
      const known = places.get(id);
      if (known !== undefined) {
        known.add(place);
        return;
      }
      places.set(id, new Set([place]));
      onChange(id, "online");
    },
    go(id, place) {
      const known = places.get(id);
      if (known === undefined || !known.delete(place) || known.size > 0) return;
      places.delete(id);
      onChange(id, "offline");
    },
  };
}
