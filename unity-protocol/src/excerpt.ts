/** The beginning of a wrong value, to say what is wrong with it in bounded time. */

/** To list what is wrong with a million values would stop the process for seconds: so many are looked at. */
const valuesLookedAt = 20_000;
/** Nothing that a schema speaks of lies deeper. */
const depthLookedAt = 4;

/** The beginning of a large value, with all properties that the schema names, so that none seems to be missing. */
export function excerpt(root: unknown, named: ReadonlySet<string>): unknown {
  let left = valuesLookedAt;

  function cut(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array || depth > depthLookedAt)
      return value;
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const item of value) {
        if (left-- <= 0) break;
        items.push(cut(item, depth + 1));
      }
      return items;
    }
    const kept: [key: string, item: unknown][] = [];
    for (const [key, item] of Object.entries(value)) {
      if (left-- > 0 || named.has(key)) kept.push([key, cut(item, depth + 1)]);
    }
    return Object.fromEntries(kept);
  }

  return cut(root, 1);
}

/** The names of all properties that a schema speaks of, at whatever depth. */
export function propertyNames(schema: unknown, names = new Set<string>()): Set<string> {
  if (typeof schema !== "object" || schema === null) return names;
  for (const [key, part] of Object.entries(schema)) {
    if (key === "properties") for (const name of Object.keys(Object(part))) names.add(name);
    propertyNames(part, names);
  }
  return names;
}
