/** From a packet's `val` to the numbers that a policy works on. */
import { preview, type Validation } from "@physical-ai/unity-protocol";
import type { Row } from "./step.ts";

/** Where the numbers are, and how many. */
export interface NumberSource {
  /** The field of `val`; `val` itself when missing. */
  readonly field?: string;
  readonly channels: number;
}

/** Takes the numbers out of a `val`: an array of numbers, or a single number where one channel is expected. */
export function decodeRow({ field, channels }: NumberSource, val: unknown): Validation<Row> {
  const where = field === undefined ? "val" : `val.${field}`;
  const came = field === undefined ? val : fieldOf(val, field);
  const numbers: unknown[] = Array.isArray(came) ? came : [came];
  if (!Array.isArray(came) && (channels !== 1 || typeof came !== "number")) {
    return { ok: false, problem: `${where} must be an array of ${channels} numbers; got ${preview(came)}` };
  }
  if (numbers.length !== channels) {
    return { ok: false, problem: `${where} must hold ${channels} numbers; got ${numbers.length}` };
  }
  if (numbers.every(isFiniteFloat32)) return { ok: true, value: numbers };
  const bad = numbers.findIndex((value) => !isFiniteFloat32(value));
  return {
    ok: false,
    problem: `${where} must hold finite float32 numbers; got ${preview(numbers[bad])} at ${bad + 1}`,
  };
}

/** Models take float32. What does not fit would become infinite there, or spoil a filter's memory before. */
function isFiniteFloat32(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(Math.fround(value));
}

/** A field of a `val`; undefined when the `val` has none. */
export function fieldOf(val: unknown, field: string): unknown {
  return typeof val === "object" && val !== null && Object.hasOwn(val, field) ? Reflect.get(val, field) : undefined;
}
