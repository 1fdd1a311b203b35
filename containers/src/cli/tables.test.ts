import { expect, it } from "vitest";
import { formatBytes, formatPercent, table } from "./tables.ts";

it("gives each column the width of its widest cell", () => {
  const rows = [
    ["lerobot", "running"],
    ["pi0", ""],
  ];
  expect(table(["NAME", "STATUS"], rows)).toBe("NAME     STATUS\nlerobot  running\npi0");
  expect(table(["NAME"], [])).toBe("NAME");
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.00 kB"],
  [12_345, "12.3 kB"],
  [336_000_000, "336 MB"],
  [25_769_803_776, "25.8 GB"],
  [5e15, "5000 TB"],
])("writes %d bytes as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it("writes percent with one digit", () => {
  expect(formatPercent(99.96)).toBe("100.0 %");
});
