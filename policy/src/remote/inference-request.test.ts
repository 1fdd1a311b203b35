import { expect, it } from "vitest";
import type { Tensor } from "../tensor.ts";
import { inferChunks, inferRows } from "./inference-request.ts";

const model = { labels: 2, stateName: "robot_state" };
const batch = { features: new Float32Array(3), rows: 1, pictures: [] };
const halves: Tensor = { dtype: "float16", shape: [1, 2], data: Uint16Array.of(0x3800, 0xc000) };

it.each<[string, unknown]>([
  ["half floats", halves],
  ["lists", [[0.5, -2]]],
])("takes %s for the numbers that they are", async (_, numbers) => {
  const server = { infer: async () => ({ outputs: numbers, action: numbers }) };
  expect(await inferRows(server, model, batch, 1_000)).toEqual(Float32Array.of(0.5, -2));
  expect(await inferChunks(server, model, batch, 1_000)).toEqual(Float32Array.of(0.5, -2));
});
