import type { Prediction } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { alertOf, Predictions } from "./predictions.ts";

const prediction = (label: string, seq: number, more: Partial<Prediction> = {}): Prediction => ({
  policy: "wall-following",
  model_version: "0123456789ab",
  kind: "classification",
  label,
  confidence: 0.9,
  input: { stream_id: "s", first_seq: seq, last_seq: seq },
  timing: { queue: 0, preprocess: 0, infer: 1, total: 2 },
  ...more,
});

describe("predictions", () => {
  it("are one run while the policy goes on saying the same, newest run first", () => {
    const predictions = new Predictions();
    predictions.take(prediction("forward", 1), 1);
    predictions.take(prediction("forward", 2), 2);
    predictions.take(prediction("right", 3), 3);
    const runs = predictions.runs.map((run) => [run.prediction.label, run.count]);
    expect(runs).toEqual([
      ["right", 1],
      ["forward", 2],
    ]);
  });

  it("of other policies do not end a run", () => {
    const predictions = new Predictions();
    predictions.take(prediction("forward", 1), 1);
    predictions.take(prediction("normal", 1, { policy: "collision-risk" }), 2);
    predictions.take(prediction("forward", 2), 3);
    expect(predictions.runs.map((run) => run.count)).toEqual([1, 2]);
  });

  it("that are told again count once", () => {
    const predictions = new Predictions();
    predictions.take(prediction("forward", 1), 1);
    predictions.take(prediction("forward", 1), 2);
    expect(predictions.runs[0]?.count).toBe(1);
  });

  it("stay few", () => {
    const predictions = new Predictions();
    for (let seq = 1; seq <= 100; seq += 1) predictions.take(prediction(`label ${seq}`, seq), seq);
    expect(predictions.runs).toHaveLength(12);
    expect(predictions.runs[0]?.prediction.label).toBe("label 100");
  });

  it("with a message become the policy's alert", () => {
    const predictions = new Predictions();
    predictions.take(prediction("collision", 1, { message: "Collision risk 80%" }), 5);
    expect(predictions.alerts.get("wall-following")).toEqual({
      policy: "wall-following",
      message: "Collision risk 80%",
      percent: 80,
      isRisk: true,
      at: 5,
    });
  });
});

describe("alertOf", () => {
  it.each([
    ["Collision risk 80%", 80, true],
    ["risk: 7.5 % now", 7.5, true],
    ["Battery at 300%", 100, false],
    ["Door is open", undefined, false],
  ])("reads %j", (message, percent, isRisk) => {
    expect(alertOf("p", message, 0)).toMatchObject({ percent, isRisk });
  });
});
