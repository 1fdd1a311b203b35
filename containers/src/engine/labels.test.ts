import { expect, it } from "vitest";
import { containerLabels, imageLabels, isOwnedBy, networkLabels, readLabels } from "./labels.ts";

const facts = { framework: "pi0", image: "robotis/pi0:latest", port: 5_557, usedBy: "worker-1/pick" };

it("are read as they were written", () => {
  expect(readLabels("us", containerLabels("us", facts))).toEqual(facts);
});

it("make nobody's container ours: another owner's, one that inherits an image's labels, one without", () => {
  for (const labels of [containerLabels("them", facts), imageLabels("us"), networkLabels("us"), {}]) {
    expect(readLabels("us", labels)).toBeUndefined();
  }
  expect(isOwnedBy("us", networkLabels("us"))).toBe(true);
  expect(isOwnedBy("us", imageLabels("us"))).toBe(false);
});
