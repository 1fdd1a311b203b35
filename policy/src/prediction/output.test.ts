import fc from "fast-check";
import { expect, test } from "vitest";
import { interpret } from "./output.ts";

const labels = ["normal", "collision", "obstruction"];
const message = { text: "Collision risk {percent}% ({label})", percent_of: ["collision", "obstruction"] };
const output = { kind: "classification" as const, labels, message };

test("the best label, all scores, and a sentence", () => {
  expect(interpret({ output }, new Float32Array([0.25, 0.25, 0.5]))).toEqual({
    kind: "classification",
    label: "obstruction",
    confidence: 0.5,
    scores: { normal: 0.25, collision: 0.25, obstruction: 0.5 },
    message: "Collision risk 75% (obstruction)",
  });
});

test("the label's command, with an id of its own each time", () => {
  const command = { ttl_ms: 500, by_label: { collision: { action: "drive", params: { linear: 0 } } } };
  const predict = () => interpret({ output, command }, new Float32Array([0, 1, 0])).command;
  expect(predict()).toEqual({ action: "drive", params: { linear: 0 }, ttl_ms: 500, command_id: expect.any(String) });
  expect(predict()?.command_id).not.toBe(predict()?.command_id);
});

test("a label without a command makes none", () => {
  const command = { by_label: { collision: { action: "stop" } } };
  expect(interpret({ output, command }, new Float32Array([1, 0, 0]))).not.toHaveProperty("command");
});

test("a regression has values", () => {
  const regression = { kind: "regression" as const, labels: ["x", "y"] };
  expect(interpret({ output: regression }, new Float32Array([1.5, -2]))).toEqual({
    kind: "regression",
    values: { x: 1.5, y: -2 },
  });
});

test("what is no number is refused", () => {
  expect(() => interpret({ output }, new Float32Array([0, Number.NaN, 1]))).toThrow("a number for collision; got NaN");
});

test("confidence is within 0–1, and belongs to the highest score", () => {
  const score = fc.float({ min: Math.fround(-0.1), max: Math.fround(1.1), noNaN: true });
  fc.assert(
    fc.property(score, score, score, (...scores) => {
      const row = new Float32Array(scores);
      const { label = "", confidence } = interpret({ output }, row);
      // Compared by value: 0 and -0 are the same score.
      expect(row[labels.indexOf(label)] === Math.max(...row)).toBe(true);
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }),
  );
});
