/** What attackers start from: the contract's own fixtures, those of valid messages and those of wrong ones. */
import { readdirSync, readFileSync } from "node:fs";
import { messageSchemas } from "@physical-ai/unity-protocol";

/** A message of the contract, by its name there. */
export type MessageName = keyof typeof messageSchemas;

const folder = new URL("../../../unity-protocol/fixtures/", import.meta.url);

/** All of them. */
export const messageNames = Object.keys(messageSchemas) as MessageName[];

/** Fixtures by message. */
export type Corpus = { readonly [name in MessageName]?: readonly unknown[] };

/** Reads all fixtures. */
export function readCorpus(): Corpus {
  return Object.fromEntries(
    messageNames.map((name) => [name, [...read(`${name}/valid/`), ...read(`${name}/invalid/`).map(messageOf)]]),
  );
}

function read(path: string): unknown[] {
  const files = readdirSync(new URL(path, folder)).sort();
  return files.map((file) => JSON.parse(readFileSync(new URL(path + file, folder), "utf8")));
}

/** An invalid fixture says beside its message why it is wrong. */
function messageOf(fixture: unknown): unknown {
  return typeof fixture === "object" && fixture !== null && "message" in fixture ? fixture.message : fixture;
}
