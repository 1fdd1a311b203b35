import type { StoredPrediction } from "@physical-ai/export";
import type { Meaning } from "@physical-ai/policy";
import { expect, test } from "vitest";
import { Scorer } from "./score.ts";

const said = (label: string, scores: Record<string, number>): Meaning => ({ kind: "classification", label, scores });

function stored(label: string | undefined, numbers: unknown, modelVersion = "old"): StoredPrediction {
  return { modelVersion, streamId: "s", lastSeq: 1, label, numbersJson: JSON.stringify(numbers), createdAtMs: 0 };
}

test("counts what is right, what is taken for what, and what was right then", () => {
  const scorer = new Scorer();
  scorer.judge(said("a", { a: 1, b: 0 }), "a", stored("b", { a: 0, b: 1 }));
  scorer.judge(said("b", { a: 0, b: 1 }), "a", stored("a", { a: 1, b: 0 }, "older"));
  scorer.judge(said("b", { a: 0, b: 1 }), "b", stored("b", { a: 0, b: 1 }));
  scorer.judge(said("b", { a: 0, b: 1 }), undefined, undefined);
  expect(scorer.score()).toEqual({
    labelled: 3,
    accuracy: 2 / 3,
    confusion: { a: { a: 1, b: 1 }, b: { b: 1 } },
    stored: { compared: 3, agreement: 1 / 3, accuracy: 2 / 3, model_versions: { old: 2, older: 1 } },
  });
});

test("without labels and predictions there are no shares", () => {
  const scorer = new Scorer();
  scorer.judge(said("a", { a: 1 }), undefined, undefined);
  expect(scorer.score()).toMatchObject({ labelled: 0, accuracy: undefined, stored: { agreement: undefined } });
});

test.each<[what: string, now: Meaning, numbers: unknown, difference: number]>([
  ["the same scores", said("a", { a: 0.75, b: 0.25 }), { a: 0.75, b: 0.25 }, 0],
  ["other scores", said("a", { a: 0.75, b: 0.25 }), { a: 0.25, b: 0.75 }, 0.5],
  ["labels that were not known", said("a", { a: 1, b: 0 }), { c: 1 }, 0.5],
  ["no scores at all", said("a", { a: 1, b: 0 }), null, 0.5],
  ["values", { kind: "regression", values: { x: 1, y: 5 } }, { x: 2, y: 8 }, 3],
])("the difference to %s", (_, now, numbers, difference) => {
  expect(new Scorer().judge(now, undefined, stored("a", numbers)).difference).toBe(difference);
});

test("a label named like a part of every object is a label", () => {
  const scorer = new Scorer();
  scorer.judge(said("__proto__", { a: 1 }), "constructor", undefined);
  expect(Object.entries(scorer.score().confusion)).toEqual([["constructor", Object.fromEntries([["__proto__", 1]])]]);
});
