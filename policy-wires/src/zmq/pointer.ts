/** JSON Pointers (RFC 6901): the place of a value inside a message. */
import { keysOf } from "@physical-ai/unity-protocol";

/** The pointer to a member of what `parent` points to. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/**
 * The keys from the root to the value.
 *
 * @throws SyntaxError
 */
export function parsePointer(pointer: string): string[] {
  if (!/^(\/([^~/]|~[01])*)*$/.test(pointer)) throw new SyntaxError(`${JSON.stringify(pointer)} is no JSON Pointer`);
  return keysOf(pointer);
}

/**
 * Puts a value at a place that is free: null, or a key that its object does not have.
 *
 * @throws RangeError when there is no such place, or something is there
 */
export function putAt(root: object, keys: readonly string[], value: unknown): void {
  const container = keys.slice(0, -1).reduce<unknown>(memberOf, root);
  const key = keys.at(-1);
  if (typeof container !== "object" || container === null || key === undefined || !isFree(container, key)) {
    throw new RangeError(`expected a free place at ${keys.join("/")}; there is none`);
  }
  // An assignment would take a key __proto__ for the prototype.
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function memberOf(container: unknown, key: string): unknown {
  const has = typeof container === "object" && container !== null && Object.hasOwn(container, key);
  return has ? Reflect.get(container, key) : undefined;
}

function isFree(container: object, key: string): boolean {
  if (Object.hasOwn(container, key)) return Reflect.get(container, key) === null;
  return !Array.isArray(container);
}
