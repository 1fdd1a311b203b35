import { expect, test } from "vitest";
import { pairPolicy, storedRow } from "../testing/rows.ts";
import { LabelledExamples, rowsFor } from "./examples.ts";

const byField = { field: "label" };
const byType = { field: "label", type: "phase" };

test("an example for each input that the model would get, labelled by its newest row", async () => {
  const examples = new LabelledExamples(await pairPolicy(), byField);
  const made = [
    examples.take([storedRow(1, { xy: [1, 10], label: "a", block: 0 })]),
    examples.take([
      storedRow(2, { xy: [2, 30], label: "b", block: 0 }),
      storedRow(3, { xy: [5, 5], label: "b", block: 1 }),
      storedRow(4, { xy: [1], label: "b", block: 1 }),
      storedRow(5, { xy: [7, 5], block: 1 }),
      storedRow(6, { xy: [8, 6], block: 1 }),
    ]),
  ].flat();
  expect(made.map(({ row, features, label }) => [row.id, features, label])).toEqual([
    ["2", [1.5, 2, 20, 30], "b"],
    ["6", [7.5, 8, 5.5, 6], undefined],
  ]);
  expect(examples.counts).toEqual({
    rows: 6,
    examples: 2,
    absorbed: 3,
    invalid: 1,
    problem: "row 4: val.xy must hold 2 numbers; got 1",
  });
});

test("packets of another type may say what their robot's packets are from then on", async () => {
  const examples = new LabelledExamples(await pairPolicy(), byType);
  const pair = (seq: number, robotId = "r1") => storedRow(seq, { xy: [1, 1] }, { robotId });
  const made = examples.take([
    ...[pair(1), pair(2)],
    storedRow(3, "turning", { dataType: "phase" }),
    ...[pair(4), pair(5), pair(6, "r2"), pair(7, "r2")],
    storedRow(8, { label: 3 }, { dataType: "phase", robotId: "r2" }),
    ...[pair(9), pair(10), pair(11, "r2"), pair(12, "r2")],
  ]);
  expect(made.map(({ row, label }) => [row.seq, label])).toEqual([
    [2, undefined],
    [4, "turning"],
    [5, "turning"],
    [7, undefined],
    [9, "turning"],
    [10, "turning"],
    [11, "3"],
    [12, "3"],
  ]);
  expect(examples.counts.rows).toBe(10);
});

test("only the rows that the policy hears are asked for, and their labels", async () => {
  const policy = await pairPolicy();
  expect(rowsFor(policy, byField, { robots: ["r1"] })).toEqual({
    robots: ["r1"],
    robotTypes: ["EP01"],
    types: ["pair"],
  });
  expect(rowsFor(policy, byType, {}).types).toEqual(["pair", "phase"]);
});
