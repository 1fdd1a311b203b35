/** The contract as JSON Schema documents, for tools and languages without TypeScript. */
import type { TSchema } from "typebox";
import { messageSchemas } from "./messages.ts";
import { protocolVersion } from "./registration.ts";
import { withoutIds } from "./validation.ts";

/** Where the documents lie in the project. */
export const schemasFolder = new URL("../schemas/", import.meta.url);

/** Writes every message of the contract as a document that needs no other: file name → text. */
export function jsonSchemaFiles(): Map<string, string> {
  return new Map(
    Object.entries(messageSchemas).map(([name, schema]) => [
      `${name}.schema.json`,
      `${JSON.stringify(documentOf(name, schema), undefined, 2)}\n`,
    ]),
  );
}

function documentOf(name: string, schema: TSchema): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:physical-ai:protocol-${protocolVersion}:${name}`,
    title: name,
    // A message inside a message would else begin a document of its own.
    ...withoutIds(schema),
  };
}
