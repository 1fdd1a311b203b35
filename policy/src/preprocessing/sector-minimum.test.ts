import { expect, test } from "vitest";
import { channels, runStep } from "../testing/run-stage.ts";
import { sectorMinimum } from "./sector-minimum.ts";

const scan = channels("s1", "s2", "s3", "s4");

test("is the smallest range of each sector, whose sensors count from 1", () => {
  const step = sectorMinimum({ step: "sector_minimum", sectors: { back: [1, 4], front: [2, 3] } }, scan);
  expect(step.output.names).toEqual(["back", "front"]);
  expect(runStep(step, [[3, 2, 5, 1]])[0]?.rows).toEqual([[1, 2]]);
});

test("refuses a sensor that the robot does not have", () => {
  expect(() => sectorMinimum({ step: "sector_minimum", sectors: { front: [4, 5] } }, scan)).toThrow(
    "must name sensors from 1 to 4; got 5",
  );
});
