import { expect, test } from "vitest";
import { loadPolicyOf } from "../testing/packets.ts";
import { featureTable } from "./feature-table.ts";

const options = { label: "label", group: "block" };

function line(ts: number, val: unknown, rest: Record<string, unknown> = {}): string {
  return JSON.stringify({ robot_id: "r1", robot_type: "EP01", type: "pair", val, ts, ...rest });
}

async function tableOf(lines: readonly string[]): Promise<string[]> {
  const policy = await loadPolicyOf({
    listens_to:
      "listens_to: { types: [pair], robot_types: [EP01], delivery: every, field: xy, channels: 2, names: [x, y] }",
    continuity: "continuity: { reset_on: block }",
    preprocess: "preprocess: [{ step: window, size: 2 }, { step: summary, statistics: [mean, max] }]",
  });
  const table: string[] = [];
  for await (const row of featureTable(policy, lines, options)) table.push(row.trimEnd());
  return table;
}

test("a row for each vector, under a header of the features' names", async () => {
  const table = await tableOf([
    line(1, { xy: [1, 10], label: "a", block: 0 }),
    line(2, { xy: [2, 30], label: "a", block: 0 }),
    line(3, { xy: [5, 5], label: "b", block: 1 }),
    "",
    line(4, { xy: [7, 5], label: "b, or not", block: 1 }),
  ]);
  expect(table).toEqual(["group,x.mean,x.max,y.mean,y.max,label", "0,1.5,2,20,30,a", '1,6,7,5,5,"b, or not"']);
});

test("other types and robots are passed over; without a group it is 0", async () => {
  const table = await tableOf([
    line(1, { xy: [1, 1] }),
    line(2, 80, { type: "battery" }),
    line(2, { xy: [9, 9] }, { robot_type: "GO1" }),
    line(3, { xy: [1, 1], label: 3 }),
  ]);
  expect(table.slice(1)).toEqual(["0,1,1,1,1,3"]);
});

test.each([
  ["no JSON", "{", /^line 2: expected a JSON object/],
  ["no numbers", line(2, { xy: [1], label: "a" }), /^line 2: val\.xy must hold 2 numbers; got 1/],
  ["no label", line(2, { xy: [1, 1] }), /^line 2: val\.label must be the label \(text or a number\); got nothing/],
])("a line with %s ends it with its number", async (_, second, message) => {
  await expect(tableOf([line(1, { xy: [1, 1] }), second])).rejects.toThrow(message);
});
