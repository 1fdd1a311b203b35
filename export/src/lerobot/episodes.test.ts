import { describe, expect, test } from "vitest";
import type { EpisodeRule } from "./episode-rule.ts";
import { type Episode, EpisodeCollector } from "./episodes.ts";
import { parseField, type Source } from "./field.ts";
import { Report } from "./report.ts";

type Stored = readonly [atMs: number, source: Source, type: string, value: unknown];

function collect(episodes: EpisodeRule, rows: readonly Stored[], state = "imu") {
  const report = new Report();
  const plan = {
    state: [parseField(state, "hold")],
    action: [parseField("command:drive.speed", "hold")],
    cameras: [],
    episodes,
  };
  const collector = new EpisodeCollector(plan, report);
  const found: Episode[] = [];
  for (const [atMs, source, type, value] of rows) {
    const ended = collector.take({ source, type, robotType: "EP01", atMs, value });
    if (ended !== undefined) found.push(ended);
  }
  const last = collector.finish();
  if (last !== undefined) found.push(last);
  const summary = found.map(({ task, endMs, state, action }) => ({
    task,
    endMs,
    state: state[0]?.times,
    action: action[0]?.times,
  }));
  return { summary, report, names: collector.names() };
}

const imu = (atMs: number, value: unknown = 1): Stored => [atMs, "telemetry", "imu", value];
const drive = (atMs: number): Stored => [atMs, "command", "drive", { speed: 0.3 }];
const mark = (atMs: number, value: unknown): Stored => [atMs, "telemetry", "episode", value];

test("by gap: a silence longer than the gap ends an episode", () => {
  const { summary } = collect({ by: "gap", gapMs: 100 }, [imu(0), drive(50), imu(150), imu(251), drive(260)]);
  expect(summary).toEqual([
    { task: undefined, endMs: 150, state: [0, 150], action: [50] },
    { task: undefined, endMs: 260, state: [251], action: [260] },
  ]);
});

test("by command: each begins one and is part of it; what came before the first belongs to none", () => {
  const { summary } = collect({ by: "command", command: undefined }, [imu(0), drive(10), imu(20), drive(30), imu(40)]);
  expect(summary).toEqual([
    { task: "drive", endMs: 20, state: [20], action: [10] },
    { task: "drive", endMs: 40, state: [40], action: [30] },
  ]);
});

test("by a command of a name: the others do not end it", () => {
  const fetch: Stored = [5, "command", "fetch", {}];
  const { summary } = collect({ by: "command", command: "fetch" }, [fetch, drive(10), imu(20), drive(30)]);
  expect(summary).toEqual([{ task: "fetch", endMs: 30, state: [20], action: [10, 30] }]);
});

describe("by packet", () => {
  test("from start to end, with its task; what lies between episodes is left out", () => {
    const { summary } = collect({ by: "packet" }, [
      imu(0),
      mark(10, { event: "start", task: "bring the cup" }),
      imu(20),
      mark(35, { event: "end" }),
      imu(40),
      mark(50, { event: "start" }),
      imu(60),
    ]);
    expect(summary).toEqual([
      { task: "bring the cup", endMs: 35, state: [20], action: [] },
      { task: undefined, endMs: 60, state: [60], action: [] },
    ]);
  });

  test("what is no such packet is reported and changes nothing", () => {
    const rows = [mark(0, { event: "start" }), mark(5, { event: "stop" }), mark(6, "end"), imu(10)];
    const { summary, report } = collect({ by: "packet" }, rows);
    expect(summary).toHaveLength(1);
    expect(report.misfits.get("episode")).toEqual({ count: 2, first: expect.stringContaining("event must be") });
  });
});

test("the first reading says how many numbers there are; what differs is reported, not guessed", () => {
  const rows = [
    imu(0, { acc: [1, 2] }),
    imu(1, { acc: [1] }),
    imu(2, { acc: ["far", 2] }),
    imu(3, {}),
    imu(3, { acc: [1e39, 2] }),
    imu(4, { acc: [3, 4] }),
  ];
  const { summary, report, names } = collect({ by: "gap", gapMs: 100 }, rows, "imu.acc");
  expect(summary[0]?.state).toEqual([0, 4]);
  expect(names.state).toEqual(["imu.acc.0", "imu.acc.1"]);
  expect(report.misfits.get("imu.acc")).toEqual({ count: 4, first: "must be imu.acc.0, imu.acc.1; got imu.acc.0" });
});
