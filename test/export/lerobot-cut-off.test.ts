/** A LeRobotDataset's export that is cut off in the middle leaves nothing that looks whole. */
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type ExportProcess, startExport } from "../src/command-lines.ts";
import { createTestDatabase, interruptDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { type Datasets, makeDatasets } from "../src/lerobot-dataset.ts";
import { sampleMs, telemetry } from "../src/lerobot-rows.ts";
import { canMount, onSmallDisk } from "../src/small-disk.ts";

const options = ["--format", "lerobot", "--robot", "LONG_01", "--episodes", "gap:1s", "--task", "wave"];
const fields = ["--state", "pose", "--action", "pose.0", "--fps", "25"];

/** 250 episodes of 40 s, a reading every 40 ms. */
const longRecording = `
  insert into robot_telemetry (robot_id, robot_type, data_type, payload, created_at, received_at)
  select 'LONG_01', 'ARM', 'pose', jsonb_build_object('value', jsonb_build_array(reading, episode, sin(reading))),
         to_timestamp(${sampleMs(0) / 1_000} + episode * 50 + reading * 0.04), now()
    from generate_series(0, 249) as episode, generate_series(0, 999) as reading`;

let database: TestDatabase;
let datasets: Datasets;

beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  // The store makes the day's partition.
  await database.store.commitTelemetry([{ rows: [telemetry("pose", 0, sampleMs(0))] }]);
  await database.pool.query(longRecording);
});
afterAll(() => database.drop());
beforeEach(async () => {
  datasets = await makeDatasets(database);
  return datasets.remove;
});

const exportLong = () => startExport(database.url, ...options, ...fields, "--out", datasets.place("long"));
const files = async () => (await readdir(datasets.folder, { recursive: true })).toSorted();

/** Resolves when the first episodes are written. */
async function begun({ process }: ExportProcess): Promise<void> {
  const first = `long.${process.pid}.unfinished/data/chunk-000/file-000.parquet`;
  await eventually(async () => expect(await files()).toContain(first), 60_000);
}

describe("a dataset's export", () => {
  it("that is killed leaves no folder of that name, and none that looks whole", async () => {
    const running = exportLong();
    await begun(running);
    running.process.kill("SIGKILL");
    await running.ended;
    expect(await readdir(datasets.folder)).toEqual([`long.${running.process.pid}.unfinished`]);
    expect((await files()).filter((file) => file.endsWith("info.json"))).toEqual([]);
  });

  it("that is stopped leaves nothing", async () => {
    const running = exportLong();
    await begun(running);
    running.process.kill("SIGTERM");
    expect((await running.ended).code).toBe(143);
    expect(await files()).toEqual([]);
  });

  it("that loses its database says so and leaves nothing", async () => {
    const running = exportLong();
    await begun(running);
    const restore = await interruptDatabase(inject("postgresUrl"), database.url);
    const { code, stderr } = await running.ended;
    await restore();
    expect(stderr).toContain("the database went away in the middle");
    expect(code).toBe(1);
    expect(await files()).toEqual([]);
  });

  it("that nothing cuts off is whole, and says what is in it", async () => {
    const { code, stderr } = await exportLong().ended;
    expect(stderr).toContain("long: 250 episodes, 250,000 frames out of 250,000 rows");
    expect(code).toBe(0);
    expect(await files()).toContain("long/meta/info.json");
  });
});

describe.skipIf(!canMount())("on a disk that is full", () => {
  it("a dataset's export says so and leaves nothing", () =>
    onSmallDisk(datasets.folder, async () => {
      const { code, stderr } = await exportLong().ended;
      expect(stderr).toContain("the disk is full");
      expect(code).toBe(1);
      expect(await files()).toEqual([]);
    }));
});
