/** The TypeScript runner of the fixtures that all languages share. */
import { readdirSync, readFileSync } from "node:fs";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { messageSchemas, validate } from "./messages.ts";
import { compileValidator, type Validate } from "./validation.ts";

const fixturesFolder = new URL("../fixtures/", import.meta.url);
const validateInvalid = compileValidator(
  "an invalid fixture",
  Type.Object({ reason: Type.String({ minLength: 1 }), message: Type.Unknown() }, { additionalProperties: false }),
);

it("there are fixtures for every message of the contract, and for nothing else", () => {
  const folders = readdirSync(fixturesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((folder) => folder.name).sort()).toEqual(Object.keys(messageSchemas).sort());
});

describe.each(Object.entries(messageSchemas))("%s", (name, schema) => {
  const validators = [compileValidator(name, schema), ...validatorsInUse(name)];

  it.each(read(name, "valid"))("accepts %s", (_file, message) => {
    for (const validator of validators) expect(validator(message)).toEqual({ ok: true, value: message });
  });

  it.each(read(name, "invalid"))("refuses %s", (file, content) => {
    const fixture = validateInvalid(content);
    if (!fixture.ok) throw new Error(`${file}: ${fixture.problem}`);
    for (const validator of validators) {
      expect(validator(fixture.value.message), fixture.value.reason).toEqual({
        ok: false,
        problem: expect.any(String),
      });
    }
  });
});

function read(name: string, kind: "valid" | "invalid"): [file: string, content: unknown][] {
  const folder = new URL(`${name}/${kind}/`, fixturesFolder);
  return readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), "utf8"))]);
}

/** What rooms really call for this message: `validate.commandRequest` for `command_request`. */
function validatorsInUse(name: string): Validate<unknown>[] {
  const camelCase = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.entries<Validate<unknown>>(validate).flatMap(([key, validator]) =>
    key === camelCase ? validator : [],
  );
}
