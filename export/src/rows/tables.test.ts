import { expect, test } from "vitest";
import { tableQuery } from "./tables.ts";

test("inputs are looked for among the same robots and around the same time, so that other days need not be read", () => {
  const since = new Date("2026-03-02T00:00Z");
  const { from, where } = tableQuery("predictions", { robots: ["R1"], types: ["p"], since }, true);
  expect(where).toContain("r.robot_id in ('R1') and r.policy in ('p') and r.created_at >= '2026-03-02T00:00:00.000Z'");
  expect(from).toContain("and i.robot_id in ('R1') and i.created_at >= '2026-03-01T00:00:00.000Z'");
});
