import { expect, it } from "vitest";
import { readMeasurements } from "./process-scripts.ts";

/** A line of `/proc/<pid>/stat`: its 14th and 15th fields are time used, the 22nd the time of its start. */
function stat(state: string, used: readonly [number, number], started: number, name = "python"): string {
  const [user, system] = used;
  return `42 (${name}) ${state} 1 42 42 0 -1 4194304 100 0 0 0 ${user} ${system} 0 0 20 0 1 0 ${started} 1000 200 1844`;
}

function output(state: string, name?: string): string {
  const lines = [stat("R", [100, 50], 1_000, name), "60.00 100.00"];
  return [...lines, stat(state, [125, 75], 1_000, name), "60.50 101.00", "VmRSS:\t    2048 kB", ""].join("\n");
}

it("says how busy a process was between two looks, what it holds, and how long it lives", () => {
  expect(readMeasurements(output("S"))).toEqual({
    status: "sleeping",
    cpuPercent: 100,
    memoryBytes: 2_048 * 1_024,
    elapsedSeconds: 50.5,
  });
});

it("does not mind what a program is called", () => {
  expect(readMeasurements(output("D", "my (odd) R name"))).toMatchObject({ status: "waiting", elapsedSeconds: 50.5 });
});

it.each(["Z", "X"])("takes %s for ended", (state) => {
  expect(readMeasurements(output(state))).toEqual({ status: "exited" });
});

it("says when it does not understand", () => {
  expect(() => readMeasurements("nonsense\n")).toThrow('expected what /proc says of a process; got "nonsense');
});
