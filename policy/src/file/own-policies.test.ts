import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openPredictors } from "../prediction/open-predictor.ts";
import { silent } from "../testing/packets.ts";
import { loadPolicies } from "./load.ts";

test("the policies that come with the project fit their models", async () => {
  const policies = await loadPolicies(fileURLToPath(new URL("../../../brain-worker/policies", import.meta.url)));
  const predictors = await openPredictors({ logger: silent, now: Date.now }, policies);
  await Promise.all(predictors.map((predictor) => predictor.close()));
  expect(policies.map(({ name }) => name)).toEqual(expect.arrayContaining(["collision-risk", "wall-following"]));
});
