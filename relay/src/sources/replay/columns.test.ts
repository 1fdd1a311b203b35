import { expect, it } from "vitest";
import { parseVectorColumns } from "./columns.ts";

it.each([
  ["ranges=S1..S4", "ranges", ["S1", "S2", "S3", "S4"]],
  ["ranges=S9..11", "ranges", ["S9", "S10", "S11"]],
  ["acc=ax,ay,az", "acc", ["ax", "ay", "az"]],
  ["mixed=a,b1..b2", "mixed", ["a", "b1", "b2"]],
])("understands %s", (text, name, columns) => {
  expect(parseVectorColumns(text)).toEqual({ name, columns });
});

it.each(["ranges", "ranges=", "=S1", "a=b=c", "ranges=S4..S1", "ranges=S1..T4"])("refuses %s", (text) => {
  expect(() => parseVectorColumns(text)).toThrow(/expected/);
});
