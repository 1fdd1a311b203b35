import fc from "fast-check";
import { expect, test } from "vitest";
import { loadPolicyOf, rawPacket, streamId } from "../testing/packets.ts";
import { Pipeline } from "./pipeline.ts";

/** Windows of two, over the field `xy`. */
async function windowsOfTwo() {
  return new Pipeline(
    await loadPolicyOf({
      listens_to: "listens_to: { types: [pair], delivery: every, field: xy, channels: 2, names: [x, y] }",
      continuity: "continuity: { max_gap_ms: 150, reset_on: block }",
      preprocess: "preprocess: [{ step: window, size: 2 }]",
    }),
  );
}

const reading = (seq: number, rest = {}) => rawPacket(seq, { xy: [seq, -seq] }, rest);

test("without steps each packet is a vector that names its packet", async () => {
  const pipeline = new Pipeline(await loadPolicyOf());
  const packet = rawPacket(7, [1, 2]);
  expect(pipeline.push(packet)).toEqual({
    kind: "vector",
    features: [1, 2],
    input: { stream_id: streamId, first_seq: 7, last_seq: 7, ts: packet.ts },
  });
});

test("a window is flattened sample after sample, and names its first and last packet", async () => {
  const pipeline = await windowsOfTwo();
  expect(pipeline.push(reading(1))).toEqual({ kind: "absorbed" });
  expect(pipeline.push(reading(2))).toEqual({
    kind: "vector",
    features: [1, -1, 2, -2],
    input: { stream_id: streamId, first_seq: 1, last_seq: 2, ts: reading(2).ts },
  });
});

test("robots do not mix", async () => {
  const pipeline = await windowsOfTwo();
  pipeline.push(reading(1, { robot_id: "r1" }));
  pipeline.push(reading(2, { robot_id: "r2" }));
  expect(pipeline.push(reading(3, { robot_id: "r2" }))).toMatchObject({ features: [2, -2, 3, -3] });
  expect(pipeline.push(reading(2, { robot_id: "r1" }))).toMatchObject({ features: [1, -1, 2, -2] });
});

test.each([
  ["the hub dropped packets", reading(2, { gap: 3 })],
  ["time passed", reading(2, { ts: reading(1).received_at + 151 })],
  ["the relay's clock went back", reading(2, { ts: reading(1).received_at - 151 })],
  ["another recording began", { ...reading(2), val: { xy: [2, -2], block: 1 } }],
  ["another stream brings the robot", reading(2, { stream_id: "00000000-0000-4000-8000-000000000000" })],
])("no window goes across a hole: %s", async (_, second) => {
  const pipeline = await windowsOfTwo();
  pipeline.push(reading(1));
  expect(pipeline.push(second)).toEqual({ kind: "absorbed" });
});

test("a reading that cannot be used is a hole too", async () => {
  const pipeline = await windowsOfTwo();
  pipeline.push(reading(1));
  expect(pipeline.push(rawPacket(2, { xy: [1] })).kind).toBe("invalid");
  expect(pipeline.push(reading(2))).toEqual({ kind: "absorbed" });
});

test("a robot that was silent for long is forgotten when another speaks", async () => {
  const pipeline = new Pipeline(await loadPolicyOf({ preprocess: "preprocess: [{ step: window, size: 2 }]" }));
  pipeline.push(rawPacket(1, [1, 1]));
  pipeline.push(rawPacket(7_000, [0, 0], { robot_id: "r2" }));
  expect(pipeline.push(rawPacket(2, [2, 2]))).toEqual({ kind: "absorbed" });
});

test("whatever the readings are, it never throws, and features are finite", async () => {
  const policy = await loadPolicyOf({
    preprocess: "preprocess: [{ step: median, size: 3 }, { step: low_pass, cutoff_hz: 2 }, { step: window, size: 1 }]",
  });
  const pair = fc.tuple(fc.double(), fc.double());
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.jsonValue(), pair)), (vals) => {
      const pipeline = new Pipeline(policy);
      for (const [index, val] of vals.entries()) {
        const processed = pipeline.push(rawPacket(index + 1, val));
        if (processed.kind === "vector") expect(processed.features.every(Number.isFinite)).toBe(true);
      }
    }),
  );
});
