/** Every way in which a value breaks a schema, each with its place. */
import { keysOf, preview, valueAt } from "@physical-ai/unity-protocol";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";

/** Keys and indexes from the root of a document to a value in it. */
export type Path = readonly (string | number)[];

/** What is wrong at a path. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** True when the key at the path should not be there. */
  readonly unknownKey?: boolean;
}

/** Compares a value, which stands at `at` in its document, with a schema without unions. */
export function schemaFindings(schema: TSchema, value: unknown, at: Path): Finding[] {
  return Compile(schema)
    .Errors(value)
    .flatMap((error) => {
      const within = keysOf(error.instancePath);
      const path = [...at, ...within];
      if (error.keyword === "boolean")
        return [{ path, message: `${path.join(".")} is an unknown key`, unknownKey: true }];
      // Each unknown key has been named by a finding of its own.
      if (error.keyword === "additionalProperties") return [];
      if ("requiredProperties" in error.params) {
        return error.params.requiredProperties.map((key) => ({
          path,
          message: `${[...path, key].join(".")} is missing`,
        }));
      }
      const what = path.length === 0 ? "a policy" : path.join(".");
      return [{ path, message: `${what} ${requirement(error)}; got ${preview(valueAt(value, within))}` }];
    });
}

/**
 * Compares an object with the schema that one of its keys chooses. Says nothing where the key chooses none: whoever
 * checked the object before has said so.
 *
 * @param key the property that names a member
 */
export function memberFindings(
  key: string,
  members: Readonly<Record<string, TSchema>>,
  value: unknown,
  at: Path,
): Finding[] {
  const chosen = isRecord(value) ? value[key] : undefined;
  const schema = typeof chosen === "string" && Object.hasOwn(members, chosen) ? members[chosen] : undefined;
  return schema === undefined ? [] : schemaFindings(schema, value, at);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requirement(error: { message: string; params: object }): string {
  if ("allowedValues" in error.params && Array.isArray(error.params.allowedValues)) {
    return `must be one of ${error.params.allowedValues.join(", ")}`;
  }
  return error.message;
}
