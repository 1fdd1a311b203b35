/** Changes to messages that no honest client makes. */
import type { Dice } from "../chaos/dice.ts";

/**
 * JSON that `JSON.stringify` cannot write: numbers beyond doubles, nesting beyond the stack. Such a text in a message is
 * replaced when the message has become text.
 */
const unwritable = /"@@(number|deep|wide):([^"@]*)@@"/g;

const numbers = [
  0,
  -0,
  -1,
  0.5,
  1e-7,
  2 ** 31,
  2 ** 53,
  2 ** 53 - 1,
  -(2 ** 53),
  1e21,
  1e300,
  -1e300,
  8.64e15,
  8.65e15,
];
const texts = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udc00x",
  "\u007f",
  "ﷺ".repeat(40),
  "🤖",
  "null",
  "NaN",
  "1e999",
  "../..",
  "'; drop table robot_telemetry; --",
];
const keys = [
  "__proto__",
  "constructor",
  "prototype",
  "toJSON",
  "then",
  "hasOwnProperty",
  "_placeholder",
  "length",
  "",
  "\u0000",
  "packets",
  "ok",
];

type Container = Record<string, unknown> | unknown[];

/** Changes a message in a few places. What comes in stays as it is. */
export function mutate(message: unknown, dice: Dice, changes: number): unknown {
  const root: { message: unknown } = { message: structuredClone(message) };
  for (let change = 0; change < changes; change++) {
    const places = placesIn(root);
    // The whole message may have been taken away.
    if (places.length === 0) break;
    const { container, key } = dice.pick(places);
    changeAt(container, key, dice);
  }
  return root.message;
}

/** Writes what JSON.stringify could not. */
export function writeUnwritable(json: string): string {
  return json.replace(unwritable, (_all, kind: string, what: string) => {
    if (kind === "deep") return "[".repeat(Number(what)) + "]".repeat(Number(what));
    if (kind === "wide") return `[0${",0".repeat(Number(what))}]`;
    return what;
  });
}

function placesIn(root: Container): { container: Container; key: string }[] {
  const places: { container: Container; key: string }[] = [];
  const open: Container[] = [root];
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    for (const key of Object.keys(container).slice(0, 40)) {
      places.push({ container, key });
      const value: unknown = Reflect.get(container, key);
      if (isContainer(value)) open.push(value);
    }
  }
  return places;
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

function changeAt(container: Container, key: string, dice: Dice): void {
  const value: unknown = Reflect.get(container, key);
  switch (dice.between(0, 5)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
      return;
    case 1:
      if (isContainer(value)) put(value, dice.pick(keys), strangeValue(dice));
      else put(container, dice.pick(keys), strangeValue(dice));
      return;
    case 2:
      put(container, key, dice.pick<unknown>([[value], { value }, String(value), [value, value], null]));
      return;
    case 3:
      put(container, key, typeof value === "number" ? dice.pick(numbers) : dice.pick(texts));
      return;
    default:
      put(container, key, strangeValue(dice));
  }
}

/** As JSON.parse does: a `__proto__` is a key like any other. */
function put(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container) && !/^\d+$/.test(key)) {
    container.push(value);
    return;
  }
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function strangeValue(dice: Dice): unknown {
  const small = dice.pick<() => unknown>([
    () => dice.pick(numbers),
    () => dice.pick(texts),
    () => dice.pick([null, true, false, [], {}, [[]], [null]]),
    () => `@@number:${dice.pick(["1e999", "-1e999", "1e-999", "-0", "123456789012345678901234567890"])}@@`,
    () => `@@deep:${dice.pick([5, 99, 101, 200, 5_000])}@@`,
    () => "x".repeat(dice.pick([127, 128, 129, 1_000, 50_000])),
    () => Buffer.alloc(dice.pick([0, 1, 16, 5_000]), dice.between(0, 255)),
    () => Array.from({ length: dice.between(1, 14) }, () => Buffer.from([dice.between(0, 255)])),
    () => ({ _placeholder: true, num: dice.pick([0, 1, -1, 0.5, "0", null, 1e9]) }),
    () => Array.from({ length: dice.between(0, 300) }, (_, index) => index),
  ])();
  return dice.fraction() < 0.01 ? largeValue(dice) : small;
}

/** Near the limit of a message, and beyond it. */
function largeValue(dice: Dice): unknown {
  return dice.pick<() => unknown>([
    () => "x".repeat(dice.pick([1_000_000, 3_900_000, 4_100_000])),
    () => `@@deep:${dice.pick([100_000, 1_500_000])}@@`,
    () => `@@wide:${dice.pick([100_000, 1_800_000])}@@`,
    () => Buffer.alloc(dice.pick([1_000_000, 3_900_000, 4_100_000])),
  ])();
}
