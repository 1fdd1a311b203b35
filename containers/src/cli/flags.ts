/** Arguments and options that several commands share, and what their texts mean. */
import { Argument, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { frameworkNames } from "@physical-ai/policy";
import { parseMemory } from "../memory.ts";

export const frameworkArgument = () => new Argument("<framework>").choices(frameworkNames);
export const tagOption = () => new Option("--tag <tag>", "of the image").default("latest");
export const jsonOption = () => new Option("--json", "for programs").default(false);

export function checkMemory(text: string): string {
  parseMemory(text);
  return text;
}

export function collectPairs(text: string, pairs: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Expected NAME=value.");
  return { ...pairs, [name]: value };
}
