import { expect, it } from "vitest";
import { deviceRequests, parseGpuIds } from "./gpus.ts";

const uuid = "GPU-8a56a4bc-e184-a047-2620-be19fdf913d5";

it.each([
  ["all", "all"],
  ["", []],
  ["none", []],
  ["void", []],
  ["0", ["0"]],
  [`0, ${uuid}`, ["0", uuid]],
])("reads %j as NVIDIA_VISIBLE_DEVICES says it", (text, ids) => {
  expect(parseGpuIds(text)).toEqual(ids);
});

it.each(["some", "0,", "-1", "0 1"])("refuses %j", (text) => {
  expect(() => parseGpuIds(text)).toThrow(/expected GPUs: all, none, or a list/);
});

it("asks the engine for all, for some, or for none", () => {
  expect(deviceRequests("all")).toEqual([{ Count: -1, Capabilities: [["gpu"]] }]);
  expect(deviceRequests(["0", uuid])).toEqual([{ DeviceIDs: ["0", uuid], Capabilities: [["gpu"]] }]);
  expect(deviceRequests([])).toEqual([]);
});
