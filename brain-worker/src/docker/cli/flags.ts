/** Arguments and options that several commands share, and what their texts mean. */
import { Argument, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { frameworkNames } from "../frameworks.ts";
import { parseMemory } from "../memory.ts";

export const frameworkArgument = () => new Argument("<framework>").choices(frameworkNames);
export const tagOption = () => new Option("--tag <tag>", "of the image").default("latest");
export const jsonOption = () => new Option("--json", "for programs").default(false);

/** What the reader refuses is a wrong argument. */
export function asArgument<T>(read: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  };
}

export function checkMemory(text: string): string {
  parseMemory(text);
  return text;
}

export function collectPairs(text: string, pairs: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Expected NAME=value.");
  return { ...pairs, [name]: value };
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError("Expected a port, 1 to 65535.");
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new InvalidArgumentError("Expected a whole number.");
}
