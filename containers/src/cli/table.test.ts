import { expect, it } from "vitest";
import { table } from "./table.ts";

it("gives each column the width of its widest cell", () => {
  const rows = [
    ["lerobot", "running"],
    ["pi0", ""],
  ];
  expect(table(["NAME", "STATUS"], rows)).toBe("NAME     STATUS\nlerobot  running\npi0");
  expect(table(["NAME"], [])).toBe("NAME");
});
