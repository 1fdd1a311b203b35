import { expect, it } from "vitest";
import { parseMemory } from "./container.ts";

it.each([
  ["512m", 512 * 1_024 ** 2],
  ["2g", 2 * 1_024 ** 3],
  ["1.5G", 1.5 * 1_024 ** 3],
  ["2 GiB", 2 * 1_024 ** 3],
  ["64kb", 65_536],
  ["1t", 1_024 ** 4],
  ["4096", 4_096],
  ["4096b", 4_096],
])("reads %s", (text, bytes) => {
  expect(parseMemory(text)).toBe(bytes);
});

it.each(["", "much", "-1g", "0", "0.1b", "2x", "2gg", "1e9", "2bb", "2bib"])("refuses %j", (text) => {
  expect(() => parseMemory(text)).toThrow(/expected an amount of memory such as 512m or 2g; got/);
});
