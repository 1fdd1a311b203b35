/** Validators whose errors say what was expected and what came. They run in Node and in the browser. */
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Check, Errors } from "typebox/value";
import { excerpt, propertyNames } from "./excerpt.ts";
import { keysOf, valueAt } from "./json-pointer.ts";

/** What a validator found: the value with its type, or a sentence about the first thing wrong with it. */
export type Validation<T> = { ok: true; value: T } | { ok: false; problem: string };

/** Checks a value from outside. */
export type Validate<T> = (value: unknown) => Validation<T>;

/** A page may not: its Content-Security-Policy forbids to run what was generated, and reports even the attempt. */
const mayGenerateCode = !("document" in globalThis);

/**
 * Compiles a schema into a validator fast enough for every packet.
 *
 * @param name what people call the value: `a packet`, `policy wall-following.yaml`
 * @param generateCode whether to check by generated code, which is faster, or by walking through the schema
 */
export function compileValidator<const S extends TSchema>(
  name: string,
  schema: S,
  { generateCode = mayGenerateCode } = {},
): Validate<Static<S>> {
  const check = checkOf(schema, generateCode);
  const named = propertyNames(schema);
  const records = recordsOf(schema).map(keysOf);
  return (value) => {
    const bytes = records.find((keys) => valueAt(value, keys) instanceof Uint8Array);
    if (bytes !== undefined) {
      const problem = `${bytes.join(".")} must be object; got ${preview(valueAt(value, bytes))}`;
      return { ok: false, problem: `${name}: ${problem}` };
    }
    if (check(value)) return { ok: true, value };
    return { ok: false, problem: `${name}: ${describe(value, Errors(schema, excerpt(value, named)))}` };
  };
}

function checkOf<S extends TSchema>(schema: S, generateCode: boolean): (value: unknown) => value is Static<S> {
  if (generateCode) {
    const compiled = Compile(schema);
    return (value): value is Static<S> => compiled.Check(value);
  }
  // Ids would be resolved as addresses at each check, which takes as long as the check.
  const anonymous = withoutIds(schema);
  return (value): value is Static<S> => Check(anonymous, value);
}

/** The same schema, in which nothing has an `$id`. */
export function withoutIds(schema: TSchema): TSchema {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === "$id" ? undefined : value)));
}

/**
 * Where a schema has objects of any keys, as JSON Pointers. Bytes would pass for one, each of them a value to look at.
 */
function recordsOf(schema: unknown, path = ""): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const here = "patternProperties" in schema ? [path] : [];
  const choices = "anyOf" in schema && Array.isArray(schema.anyOf) ? schema.anyOf : [];
  const properties = "properties" in schema ? Object.entries(Object(schema.properties)) : [];
  return [
    ...here,
    ...choices.flatMap((choice) => recordsOf(choice, path)),
    ...properties.flatMap(([key, property]) => recordsOf(property, `${path}/${key}`)),
  ];
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
    const came = valueAt(value, [key]);
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
  return `${where} ${requirement(worst)}; got ${preview(valueAt(value, keysOf(worst.instancePath)))}`;
}

function requirement(error: SchemaError): string {
  if ("allowedValues" in error.params && Array.isArray(error.params.allowedValues)) {
    return `must be one of ${error.params.allowedValues.map((value) => JSON.stringify(value)).join(", ")}`;
  }
  if ("allowedValue" in error.params) return `must be ${JSON.stringify(error.params.allowedValue)}`;
  return error.message;
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
