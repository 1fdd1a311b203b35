/** The TypeScript runner of the cases that all languages share. */
import { readdirSync, readFileSync } from "node:fs";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { messageSchemas, validate } from "./messages.ts";
import { compileValidator, type Validate } from "./validation.ts";

const fixturesFolder = new URL("../fixtures/", import.meta.url);
const Case = Type.Object(
  { description: Type.String({ minLength: 1 }), data: Type.Unknown(), valid: Type.Boolean() },
  { additionalProperties: false },
);
const validateCases = compileValidator("a file of cases", Type.Array(Case));

it("there are cases for every message of the contract, and for nothing else", () => {
  const files = readdirSync(fixturesFolder).filter((file) => file.endsWith(".json"));
  expect(files.sort()).toEqual(
    Object.keys(messageSchemas)
      .map((name) => `${name}.json`)
      .sort(),
  );
});

describe.each(Object.entries(messageSchemas))("%s", (name, schema) => {
  const validators = [
    compileValidator(name, schema, { generateCode: true }),
    compileValidator(name, schema, { generateCode: false }),
    ...validatorsInUse(name),
  ];
  const cases = readCases(name);

  it("has cases of either kind", () => {
    expect(new Set(cases.map(({ valid }) => valid))).toEqual(new Set([true, false]));
  });

  it.each(cases.filter(({ valid }) => valid))("accepts: $description", ({ data }) => {
    for (const validator of validators) expect(validator(data)).toEqual({ ok: true, value: data });
  });

  it.each(cases.filter(({ valid }) => !valid))("refuses: $description", ({ data, description }) => {
    for (const validator of validators) {
      expect(validator(data), description).toEqual({ ok: false, problem: expect.any(String) });
    }
  });
});

function readCases(name: string): Type.Static<typeof Case>[] {
  const cases = validateCases(JSON.parse(readFileSync(new URL(`${name}.json`, fixturesFolder), "utf8")));
  if (!cases.ok) throw new Error(`${name}.json: ${cases.problem}`);
  return cases.value;
}

/** What rooms really call for this message: `validate.commandRequest` for `command_request`. */
function validatorsInUse(name: string): Validate<unknown>[] {
  const camelCase = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.entries<Validate<unknown>>(validate).flatMap(([key, validator]) =>
    key === camelCase ? validator : [],
  );
}
