/** What attackers start from: the contract's own cases, those of valid messages and those of wrong ones. */
import { readFileSync } from "node:fs";
import { compileValidator, messageSchemas } from "@physical-ai/unity-protocol";
import Type from "typebox";

/** A message of the contract, by its name there. */
export type MessageName = keyof typeof messageSchemas;

const folder = new URL("../../../unity-protocol/fixtures/", import.meta.url);

/** All of them. */
export const messageNames = Object.keys(messageSchemas) as MessageName[];

/** Messages by their name. */
export type Corpus = { readonly [name in MessageName]?: readonly unknown[] };

const validateCases = compileValidator("a file of cases", Type.Array(Type.Object({ data: Type.Unknown() })));

/** Reads all cases. */
export function readCorpus(): Corpus {
  return Object.fromEntries(messageNames.map((name) => [name, readMessages(name)]));
}

function readMessages(name: MessageName): unknown[] {
  const cases = validateCases(JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")));
  if (!cases.ok) throw new Error(`${name}.json: ${cases.problem}`);
  return cases.value.map(({ data }) => data);
}
