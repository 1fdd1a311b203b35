/** How a shape follows what is seen: pure, so that every case can be tested. */
import type { PayloadShape, Revision } from "@physical-ai/db";
import { parseTypedField, written } from "./typed-fields.ts";

/** What one hub saw of the payloads of a robot type and data type. */
export interface Observation {
  /** Epoch milliseconds. */
  at: number;
  /** Typed fields, and when each was last seen. */
  seen: ReadonlyMap<string, number>;
  /** Typed fields that this hub has missed for long. */
  missing: ReadonlySet<string>;
}

/** Payloads whose names never end are followed no further. */
export const maxFields = 400;

/** A typed field is gone when no hub has seen it for so long. */
export const goneAfterMs = 30_000;

/**
 * The type under which the shape knows a typed field: its own, `type?` where it is optional, `number[]` for a list that
 * comes in several lengths; `undefined` when it is not known.
 */
export function knownAs({ schema }: PayloadShape, field: string): string | undefined {
  const { path, type } = parseTypedField(field);
  const anyLength = type.replace(/\[\d+\]$/, "[]");
  return schema[path]?.find((known) => [type, anyLength].includes(withoutMark(known)));
}

/** What is known after an observation. The first shape of all is no change. */
export function revise(known: PayloadShape | undefined, { at, seen, missing }: Observation): Revision {
  const shape: PayloadShape = structuredClone(known ?? { schema: {}, sightings: {} });
  const changes: string[] = [];
  for (const [field, seenAt] of seen) {
    const change = take(shape, field, seenAt);
    if (change !== undefined) changes.push(change);
  }
  for (const field of missing) {
    if (!seen.has(field) && (shape.sightings[field] ?? at) <= at - goneAfterMs) {
      const change = drop(shape, field);
      if (change !== undefined) changes.push(change);
    }
  }
  return { shape, changes: known === undefined ? [] : changes };
}

function take(shape: PayloadShape, field: string, seenAt: number): string | undefined {
  const { path, type } = parseTypedField(field);
  const known = knownAs(shape, field);
  const types = shape.schema[path] ?? [];
  if (known !== undefined) {
    sight(shape, written({ path, type: withoutMark(known) }), seenAt);
    return undefined;
  }
  const otherLength = types.find((other) => elementOf(other) !== undefined && elementOf(other) === elementOf(type));
  if (otherLength !== undefined) return loosenLength(shape, path, otherLength, type, seenAt);
  const isBack = shape.sightings[field] !== undefined;
  if (!isBack && Object.keys(shape.sightings).length >= maxFields) return undefined;
  shape.schema[path] = [...types, isBack ? `${type}?` : type];
  sight(shape, field, seenAt);
  if (isBack) return `${path} (${type}) is back: it counts as optional from now on`;
  return types.length === 0
    ? `${path} (${type}) is new`
    : `${path} comes as ${type} now; so far it was ${types.map(withoutMark).join(" or ")}`;
}

/** A list that came in two lengths may come in any. */
function loosenLength(shape: PayloadShape, path: string, before: string, type: string, seenAt: number): string {
  const anyLength = type.replace(/\[\d+\]$/, "[]");
  const loosened = before.endsWith("?") ? `${anyLength}?` : anyLength;
  shape.schema[path] = (shape.schema[path] ?? []).map((known) => (known === before ? loosened : known));
  delete shape.sightings[written({ path, type: withoutMark(before) })];
  sight(shape, written({ path, type: anyLength }), seenAt);
  return `${path} comes as ${type} now; so far it was ${withoutMark(before)}`;
}

/** What was back once comes and goes: nobody is told again. */
function drop(shape: PayloadShape, field: string): string | undefined {
  const { path, type } = parseTypedField(field);
  const types = shape.schema[path] ?? [];
  if (!types.includes(type)) return undefined;
  const rest = types.filter((known) => known !== type);
  if (rest.length > 0) {
    shape.schema[path] = rest;
    return `${path} does not come as ${type} any more`;
  }
  delete shape.schema[path];
  return `${path} (${type}) is gone`;
}

function sight(shape: PayloadShape, field: string, seenAt: number): void {
  shape.sightings[field] = Math.max(seenAt, shape.sightings[field] ?? 0);
}

/** The type itself, whether or not it is optional. */
export const withoutMark = (type: string): string => (type.endsWith("?") ? type.slice(0, -1) : type);

/** The `number` of a `number[24]`. */
const elementOf = (type: string) => /^(\w+)\[\d+\]\??$/.exec(type)?.[1];
