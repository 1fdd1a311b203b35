import { fileURLToPath } from "node:url";
import { loadPolicies, openPredictors } from "@physical-ai/policy";
import { expect, test } from "vitest";
import { silent } from "../../policy/src/testing/packets.ts";

test("the policies that come with the project fit their models", async () => {
  const policies = await loadPolicies(fileURLToPath(new URL("../policies", import.meta.url)));
  const predictors = await openPredictors({ logger: silent, now: Date.now }, policies);
  await Promise.all(predictors.map((predictor) => predictor.close()));
  expect(policies.map(({ name }) => name)).toEqual(expect.arrayContaining(["collision-risk", "wall-following"]));
});
