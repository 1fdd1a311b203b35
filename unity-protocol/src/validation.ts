/** Compiled validators whose errors say what was expected and what came. */
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";

/** What a validator found: the value with its type, or a sentence about the first thing wrong with it. */
export type Validation<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Checks a value from outside. */
export type Validate<T> = (value: unknown) => Validation<T>;

/**
 * Compiles a schema into a validator fast enough for every packet.
 *
 * @param name what people call the value: `a packet`, `policy wall-following.yaml`
 */
export function compileValidator<const S extends TSchema>(name: string, schema: S): Validate<Static<S>> {
  const compiled = Compile(schema);
  const named = propertyNames(schema);
  return (value) => {
    if (compiled.Check(value)) return { ok: true, value: value as Static<S> };
    return { ok: false, problem: `${name}: ${describe(value, compiled.Errors(excerpt(value, named)))}` };
  };
}

/** To list what is wrong with a million values would stop the process for seconds: so many are looked at. */
const valuesLookedAt = 20_000;
/** Nothing that a schema speaks of lies deeper. */
const depthLookedAt = 4;

/** The beginning of a large value, with all properties that the schema names, so that none seems to be missing. */
function excerpt(root: unknown, named: ReadonlySet<string>): unknown {
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
function propertyNames(schema: unknown, names = new Set<string>()): Set<string> {
  if (typeof schema !== "object" || schema === null) return names;
  for (const [key, part] of Object.entries(schema)) {
    if (key === "properties") for (const name of Object.keys(Object(part))) names.add(name);
    propertyNames(part, names);
  }
  return names;
}

/**
 * Compiles a union whose members are told apart by one key, so that an error speaks of the member that was meant.
 *
 * @param key the property that names the member
 * @param members schemas by the value of `key`
 */
export function compileDiscriminated<const M extends Record<string, TSchema>>(
  name: string,
  key: string,
  members: M,
): Validate<Static<M[keyof M]>> {
  const validators = new Map(
    Object.entries(members).map(([value, schema]) => [value, compileValidator(`${name} (${key} ${value})`, schema)]),
  );
  const expected = [...validators.keys()].map((value) => JSON.stringify(value)).join(", ");
  return (value) => {
    const came = valueAt(value, `/${key}`);
    const validate = typeof came === "string" ? validators.get(came) : undefined;
    if (validate !== undefined) return validate(value) as Validation<Static<M[keyof M]>>;
    return { ok: false, problem: `${name}: ${key} must be one of ${expected}; got ${preview(came)}` };
  };
}

interface SchemaError {
  keyword: string;
  instancePath: string;
  message: string;
  params: object;
}

/** The deepest error is the most telling one: in a union the branch that got furthest is the one that was meant. */
function describe(value: unknown, errors: SchemaError[]): string {
  const depth = (error: SchemaError) => error.instancePath.split("/").length;
  const worst = errors.reduce<SchemaError | undefined>(
    (deepest, error) => (deepest === undefined || depth(error) > depth(deepest) ? error : deepest),
    undefined,
  );
  if (worst === undefined) return `not of the expected shape; got ${preview(value)}`;
  const where = worst.instancePath === "" ? "it" : shorten(keysOf(worst.instancePath).join("."));
  return `${where} ${requirement(worst)}; got ${preview(valueAt(value, worst.instancePath))}`;
}

function requirement(error: SchemaError): string {
  if ("allowedValues" in error.params && Array.isArray(error.params.allowedValues)) {
    return `must be one of ${error.params.allowedValues.map((value) => JSON.stringify(value)).join(", ")}`;
  }
  if ("allowedValue" in error.params) return `must be ${JSON.stringify(error.params.allowedValue)}`;
  return error.message;
}

function valueAt(value: unknown, instancePath: string): unknown {
  let current = value;
  for (const key of keysOf(instancePath)) {
    if (typeof current !== "object" || current === null) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}

/** The keys of a JSON Pointer. */
function keysOf(instancePath: string): string[] {
  return instancePath
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A short picture of any value for an error message; never throws, never long. */
export function preview(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    return keys.length === 0 ? "an empty object" : `an object with ${shorten(keys.slice(0, 6).join(", "))}`;
  }
  return value === undefined ? "nothing" : String(value);
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
