/** Camera frames out of blobs as the videos of a LeRobotDataset, decoded and compared by Python. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { blobFile } from "@physical-ai/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { type Choice, type Datasets, makeDatasets } from "../src/lerobot-dataset.ts";
import { sampleMs, storeRecording, telemetry } from "../src/lerobot-rows.ts";
import { hasPython, runDataPython } from "../src/python.ts";
import { findRecording } from "../src/recordings.ts";

const recording = findRecording("wall_following_24.csv");

describe.skipIf(recording === undefined || !hasPython())("a LeRobotDataset with pictures", () => {
  let database: TestDatabase;
  let datasets: Datasets;
  const choice: Choice = {
    state: ["battery.level"],
    action: ["ultrasound.ranges.3@nearest"],
    fps: 5,
    episodes: { by: "packet" },
    cameras: ["image/front.data=front", "image/back=back.left"],
  };
  const spans = [
    { task: "look around", begin_ms: sampleMs(2_800), end_ms: sampleMs(2_830) },
    { task: "look around", begin_ms: sampleMs(2_831), end_ms: sampleMs(2_900) },
  ];
  const pathBefore = process.env["PATH"];

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    datasets = await makeDatasets(database);
    await storeRecording(database, String(recording));
    process.env["PATH"] = await putEncoder(datasets.place("bin"), String(pathBefore));
    const front = await makePictures(datasets.place("front"), datasets.place("blobs"), "64x48", "jpeg");
    const back = await makePictures(datasets.place("back"), datasets.place("blobs"), "33x25", "png");
    await database.store.commitTelemetry([
      { rows: spans.map(({ task, begin_ms }) => telemetry("episode", { event: "start", task }, begin_ms)) },
      { rows: spans.map(({ end_ms }) => telemetry("episode", { event: "end" }, end_ms)) },
      { rows: front.map((data, index) => telemetry("image/front", { data }, sampleMs(2_797) + index * 137)) },
      { rows: back.map((blob, index) => telemetry("image/back", blob, sampleMs(2_800) + 41 + index * 230)) },
    ]);
  });

  afterAll(async () => {
    process.env["PATH"] = pathBefore;
    await database?.drop();
    await datasets?.remove();
  });

  const since = new Date(sampleMs(2_700));
  const exportPictures = (name: string) => datasets.export(name, { ...choice, since });

  it("has a video for each camera and episode, frame by frame the pictures of that time", async () => {
    await exportPictures("videos");
    const shapes = [
      [48, 64, 3],
      [24, 32, 3],
    ];
    expect(await datasets.check("videos", choice, spans, shapes)).toMatchObject({ episodes: 2 });
  });

  it("says what to install where there is no encoder", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = datasets.place("nowhere");
    await expect(exportPictures("no-encoder")).rejects.toThrow("install it (apt-get install ffmpeg");
    process.env["PATH"] = path;
  });

  it("leaves nothing where a picture is broken, or is gone", async () => {
    const file = await someBlob(database, datasets.place("blobs"));
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, 40));
    await expect(exportPictures("broken")).rejects.toThrow(/ffmpeg made \d+ of \d+ frames/);
    await rm(file);
    await expect(exportPictures("gone")).rejects.toThrow("retention may have swept it");
    await writeFile(file, bytes);
    expect((await readdir(datasets.folder)).filter((name) => /^(broken|gone|no-encoder)/.test(name))).toEqual([]);
  });
});

/** A row's value for a picture, as the hub writes it. */
interface StoredPicture {
  readonly $blob: string;
  readonly bytes: number;
  readonly encoding: "jpeg" | "png";
}

/** Puts the encoder of the Python environment onto the PATH under its usual name; the PATH. */
async function putEncoder(folder: string, path: string): Promise<string> {
  const encoder = await runDataPython("-c", "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())");
  await mkdir(folder, { recursive: true });
  await symlink(encoder.trim(), join(folder, "ffmpeg"));
  return `${folder}:${path}`;
}

/** Moving pictures, each different from the others, in the blob folder. */
async function makePictures(
  folder: string,
  blobs: string,
  size: string,
  encoding: "jpeg" | "png",
): Promise<StoredPicture[]> {
  await mkdir(folder, { recursive: true });
  const source = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=4`, "-frames:v", "90", "-q:v", "3"];
  await promisify(execFile)("ffmpeg", ["-v", "error", ...source, join(folder, `%03d.${encoding}`)]);
  const names = (await readdir(folder)).toSorted();
  return Promise.all(names.map((name) => keepBlob(join(folder, name), blobs, encoding)));
}

async function keepBlob(file: string, blobs: string, encoding: "jpeg" | "png"): Promise<StoredPicture> {
  const bytes = await readFile(file);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await mkdir(dirname(blobFile(blobs, sha256)), { recursive: true });
  await writeFile(blobFile(blobs, sha256), bytes);
  return { $blob: sha256, bytes: bytes.length, encoding };
}

/** One that is in the middle of the second episode. */
async function someBlob({ pool }: TestDatabase, folder: string): Promise<string> {
  const query = "select payload->'value'->>'$blob' as sha from robot_telemetry where data_type = 'image/back'";
  const { rows } = await pool.query<{ sha: string }>(`${query} order by created_at offset 30 limit 1`);
  return blobFile(folder, String(rows[0]?.sha));
}
