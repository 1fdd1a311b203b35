import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { jsonSchemaFiles, schemasFolder } from "./json-schema.ts";

const remedy = "unity-protocol/schemas is not what the contract says now: run npm run schemas";

describe("the checked-in JSON Schema documents", () => {
  const files = jsonSchemaFiles();

  it("are those of the contract, no more and no fewer", async () => {
    expect((await readdir(schemasFolder)).sort(), remedy).toEqual([...files.keys()].sort());
  });

  it.each([...files])("%s is up to date", async (file, text) => {
    expect(await readFile(new URL(file, schemasFolder), "utf8"), remedy).toBe(text);
  });

  it.each([...files])("%s has one id, its own", (file, text) => {
    expect(text.match(/"\$id": ".*"/g)).toEqual([`"$id": "urn:physical-ai:protocol-1:${file.split(".")[0]}"`]);
  });
});
