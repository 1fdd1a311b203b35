import { frameworkNames } from "@physical-ai/policy";
import { expect, it } from "vitest";
import { frameworkNamed, startCommand } from "./frameworks.ts";

it("has the ports that teams use", () => {
  expect(["lerobot", "groot_n15", "pi0"].map((name) => frameworkNamed(name).port)).toEqual([5_555, 5_556, 5_557]);
});

it("says which there are", () => {
  expect(() => frameworkNamed("openvla")).toThrow(`expected a framework: ${frameworkNames.join(", ")}; got openvla`);
});

it("starts the same program for all of them", () => {
  expect(startCommand(frameworkNamed("pi0"), { mode: "inference" })).toEqual([
    ...["python", "-m", "physical_ai_zmq", "pi0", "--mode", "inference", "--port", "5557"],
  ]);
  const start = { mode: "inference", modelPath: "/my model", port: 6_000, options: { config: "pi0_aloha" } } as const;
  expect(startCommand(frameworkNamed("pi0"), start).slice(6)).toEqual([
    ...["--port", "6000", "--model-path", "/my model", "--set", "config=pi0_aloha"],
  ]);
});
