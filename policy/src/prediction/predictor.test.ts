import { validate } from "@physical-ai/unity-protocol";
import { expect, onTestFinished, test } from "vitest";
import { ModelUnavailableError, type Runtime } from "../runtime.ts";
import { loadPolicyOf, rawPacket, silent, streamId } from "../testing/packets.ts";
import { openPredictor, Predictor } from "./predictor.ts";

/** The clock stands 5 ms after packet `seq` came in. */
const after = (seq: number) => rawPacket(seq, null).received_at + 5;

async function open(now: () => number, changes: Record<string, string> = {}) {
  const predictor = await openPredictor({ logger: silent, now }, await loadPolicyOf(changes));
  onTestFinished(() => predictor.close());
  return predictor;
}

const windows = { preprocess: "preprocess: [{ step: window, size: 2 }, { step: summary, statistics: [mean] }]" };

test("answers packets of many robots in one batch, in their order", async () => {
  const predictor = await open(() => after(1));
  const packets = [
    rawPacket(1, [9, 0]),
    rawPacket(1, [0, 9], { robot_id: "r2" }),
    rawPacket(1, [-9, 0], { robot_id: "r3" }),
  ];
  const predictions = await predictor.predict(packets);
  expect(predictions.map(({ robot_id, val }) => [robot_id, Reflect.get(Object(val), "label")])).toEqual([
    ["r1", "a"],
    ["r2", "b"],
    ["r3", "c"],
  ]);
  expect(predictions[0]).toMatchObject({ robot_type: "EP01", type: "ai_prediction", ts: after(1) });
  expect(predictor.counters).toMatchObject({ received: 3, predicted: 3 });
});

test("a prediction is as in the contract, and names its inputs, its model and its time", async () => {
  const predictor = await open(() => after(2), windows);
  const [prediction] = await predictor.predict([rawPacket(1, [9, 0]), rawPacket(2, [9, 0])]);
  const checked = validate.prediction(prediction?.val);
  if (!checked.ok) throw new Error(checked.problem);
  const { policy, model_version, input, timing } = checked.value;
  expect({ policy, model_version, input }).toEqual({
    policy: "pair",
    model_version: predictor.modelVersion,
    input: { stream_id: streamId, first_seq: 1, last_seq: 2, ts: rawPacket(2, null).ts },
  });
  expect(timing.queue).toBe(5);
  // Each is rounded to a microsecond.
  expect(timing.total + 0.002).toBeGreaterThanOrEqual(timing.queue + timing.preprocess + timing.infer);
});

test("a packet past the deadline is skipped and counted", async () => {
  const predictor = await open(() => after(3));
  expect(await predictor.predict([rawPacket(1, [1, 0]), rawPacket(2, [1, 0])])).toHaveLength(1);
  expect(predictor.counters).toMatchObject({ received: 2, predicted: 1, skipped: { deadline: 1 } });
});

test("a late packet still belongs to its window", async () => {
  const predictor = await open(() => after(4), windows);
  const [prediction] = await predictor.predict([1, 2, 3].map((seq) => rawPacket(seq, [seq, 0])));
  expect(prediction).toMatchObject({ val: { input: { first_seq: 2, last_seq: 3 } } });
  expect(predictor.counters).toMatchObject({ received: 3, absorbed: 1, predicted: 1, skipped: { deadline: 1 } });
});

test("what cannot be used is skipped and counted, and nothing else suffers", async () => {
  const predictor = await open(() => after(1));
  const packets = [rawPacket(1, [1]), rawPacket(1, "nothing"), rawPacket(1, [0, 1])];
  expect(await predictor.predict(packets)).toHaveLength(1);
  expect(predictor.counters).toMatchObject({ received: 3, predicted: 1, skipped: { invalid: 2 } });
});

test("a hub clock that is behind never makes a negative time", async () => {
  const predictor = await open(() => after(1) - 1_000);
  const [prediction] = await predictor.predict([rawPacket(1, [1, 0])]);
  expect(prediction).toMatchObject({ val: { timing: { queue: 0 } } });
});

test.each<[what: string, infer: Runtime["infer"], counted: object]>([
  ["is not running", () => Promise.reject(new ModelUnavailableError("gone")), { skipped: { model_unavailable: 1 } }],
  ["fails", () => Promise.reject(new Error("no such operator")), { errors: 1 }],
  [
    "gives no numbers",
    async () => ({ values: new Float32Array([Number.NaN, 0, 0]), modelVersion: "1" }),
    { errors: 1 },
  ],
])("a model that %s makes no prediction and is counted", async (_, infer, counted) => {
  const runtime: Runtime = { modelVersion: "1", infer, close: async () => {} };
  const predictor = new Predictor({ logger: silent, now: () => after(1), runtime }, await loadPolicyOf());
  expect(await predictor.predict([rawPacket(1, [1, 0])])).toEqual([]);
  expect(predictor.counters).toMatchObject({ received: 1, predicted: 0, ...counted });
});

test("a prediction names the model that made it, not the one that serves by then", async () => {
  const values = new Float32Array([1, 0, 0]);
  const infer: Runtime["infer"] = async () => ({ values, modelVersion: "old" });
  const runtime: Runtime = { modelVersion: "new", infer, close: async () => {} };
  const predictor = new Predictor({ logger: silent, now: () => after(1), runtime }, await loadPolicyOf());
  expect(await predictor.predict([rawPacket(1, [1, 0])])).toMatchObject([{ val: { model_version: "old" } }]);
});

test("a model that does not fit names the policy's line", async () => {
  const open = async (changes: Record<string, string>) =>
    openPredictor({ logger: silent, now: Date.now }, await loadPolicyOf(changes));
  await expect(open({ output: "output: { kind: action, labels: [a, b] }" })).rejects.toThrow(
    /pair\.yaml:6:33: output\.labels must name the model's 3 outputs; got 2 labels/,
  );
  await expect(open({ preprocess: "preprocess: [{ step: window, size: 2 }]" })).rejects.toThrow(
    /pair\.yaml:5:31: model\.file \(.*\) takes 2 features; the policy's preprocessing makes 4/,
  );
});
