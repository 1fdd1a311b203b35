/** LeRobotDatasets out of stored rows, read back by Python and held to the format's rules and to the rows. */
import { readdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { type Choice, type Datasets, makeDatasets } from "../src/lerobot-dataset.ts";
import { fetchMs, robotId, sampleMs, samplesOf, storeRecording, telemetry } from "../src/lerobot-rows.ts";
import { hasPython } from "../src/python.ts";
import { findRecording } from "../src/recordings.ts";

const recording = findRecording("wall_following_24.csv");

describe.skipIf(recording === undefined || !hasPython())("a LeRobotDataset of the wall-following recording", () => {
  let database: TestDatabase;
  let datasets: Datasets;

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    datasets = await makeDatasets(database);
    await storeRecording(database, String(recording));
  });

  afterAll(async () => {
    await database?.drop();
    await datasets?.remove();
  });

  it("by gaps in time, of telemetry and commands, with all three methods", async () => {
    const choice: Choice = {
      state: ["ultrasound.ranges@nearest", "battery.level@linear", "battery.charging"],
      action: ["command:drive"],
      fps: 10,
      episodes: { by: "gap", gapMs: 5_000 },
      task: "follow the wall",
    };
    const spans = [0, 1, 2, 3].map((round) => ({
      task: "follow the wall",
      begin_ms: sampleMs(samplesOf(round).first),
      end_ms: sampleMs(samplesOf(round).last) + 1_000,
    }));
    const report = await datasets.export("by-gap", choice);
    expect(report.misfits.size).toBe(0);
    expect(await datasets.check("by-gap", choice, spans)).toMatchObject({
      episodes: 4,
      frames: report.frames,
      tasks: 1,
    });
  });

  it("by commands, with what a policy said as the action, and a state of one number", async () => {
    const choice: Choice = {
      state: ["ultrasound.ranges.7"],
      action: ["prediction:wall-following"],
      fps: 30,
      episodes: { by: "command", command: "fetch" },
    };
    const spans = [0, 1, 2, 3].map((round) => ({
      task: "fetch",
      begin_ms: fetchMs(round),
      end_ms: sampleMs(samplesOf(round).last) + 3,
    }));
    await datasets.export("by-command", choice);
    expect(await datasets.check("by-command", choice, spans)).toMatchObject({ episodes: 4, tasks: 1 });
  });

  it("by episode packets, with their tasks, and an episode of one frame", async () => {
    const marks = [
      [1_000, 20_000, "find the wall"],
      [40_000, 90_000, "follow the wall"],
      [sampleMs(1_000) - sampleMs(0) - 5, sampleMs(1_000) - sampleMs(0) + 5, "find the wall"],
      [sampleMs(1_010) - sampleMs(0) + 20, sampleMs(1_010) - sampleMs(0) + 30, "nothing happens in it"],
    ] as const;
    const at = (offset: number) => sampleMs(0) + offset;
    const rows = marks.flatMap(([begin, end, task]) => [
      telemetry("episode", { event: "start", task }, at(begin)),
      telemetry("episode", { event: "end" }, at(end)),
    ]);
    const odd = telemetry("episode", { event: "pause" }, at(10_000));
    await database.store.commitTelemetry([{ rows: [...rows, odd] }]);

    const choice: Choice = {
      state: ["ultrasound.ranges@nearest"],
      action: ["ultrasound.ranges.6@linear", "ultrasound.ranges.18@hold"],
      fps: 7,
      episodes: { by: "packet" },
    };
    const spans = marks.slice(0, 3).map(([begin, end, task]) => ({ task, begin_ms: at(begin), end_ms: at(end) }));
    const report = await datasets.export("by-packet", choice);
    expect(report).toMatchObject({ episodes: 3, emptyEpisodes: 1 });
    expect(report.misfits.get("episode")?.first).toContain("event must be");
    expect(await datasets.check("by-packet", choice, spans)).toMatchObject({ episodes: 3, tasks: 2 });
  });

  it("is refused where a folder is already, and nothing is left where there is no episode", async () => {
    const choice: Choice = { state: ["sonar"], action: ["command:drive"], fps: 10, episodes: { by: "packet" } };
    await writeFile(datasets.place("taken"), "");
    await expect(datasets.export("taken", choice)).rejects.toThrow("--out must be a folder that is not there yet");
    await expect(datasets.export("empty", choice)).rejects.toThrow(
      `expected at least one episode of ${robotId} with sonar`,
    );
    expect((await readdir(datasets.folder)).filter((name) => name.startsWith("empty"))).toEqual([]);
  });
});
