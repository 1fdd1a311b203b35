/** The training scripts on features that the serving code computes from stored rows of the real recordings. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { runRelay, runTraining } from "../src/command-lines.ts";
import { type InProcessHub, startInProcessHub } from "../src/in-process-hub.ts";
import { hasPython, prepareTrainingPython, runDataPython, runTrainingPython } from "../src/python.ts";
import { findRecording } from "../src/recordings.ts";

const recordings = {
  "wall-following": findRecording("wall_following_24.csv"),
  "collision-risk": findRecording("robot_execution_failures_lp1.txt"),
};
const script = (name: string) =>
  fileURLToPath(new URL(`../../training/scripts/train_${name.replace("-", "_")}.py`, import.meta.url));

const readBoth = `
import sys, pandas
table = pandas.read_csv(sys.argv[1], dtype={"group": str}, float_precision="round_trip")
pandas.testing.assert_frame_equal(table, pandas.read_parquet(sys.argv[2]), check_exact=True, check_dtype=False)
print(f"{len(table)} rows, {len(table.columns)} columns")
`;

describe.skipIf(Object.values(recordings).includes(undefined) || !hasPython())("the training scripts", () => {
  let folder: string;
  let scene: InProcessHub;

  beforeAll(async () => {
    await prepareTrainingPython();
    folder = await mkdtemp(join(tmpdir(), "training-"));
    scene = await startInProcessHub(inject("postgresUrl"));
    for (const [policy, recording] of Object.entries(recordings)) {
      const to = ["--hub-url", scene.url, "--relay-id", policy, "--data-dir", folder];
      const relay = runRelay("replay", String(recording), "--speed", "max", ...to);
      expect([await relay.ended, relay.complaints]).toEqual([0, ""]);
    }
  });

  afterAll(async () => {
    await scene?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function exportFeatures(policy: string, format: string): Promise<string> {
    const file = join(folder, `${policy}.${format}`);
    await runTraining("export", "--policy", policy, "--out", file, "--database-url", scene.database.url);
    return file;
  }

  /** Exports a policy's features from the database and trains on them; the script's figures. */
  async function train(policy: string) {
    const features = await exportFeatures(policy, "csv");
    const printed = await runTrainingPython(script(policy), "--features", features, "--out", folder, "--json");
    return JSON.parse(printed.trim().split("\n").at(-1) ?? "");
  }

  it("trains the wall-following policy", async () => {
    const figures = await train("wall-following");
    expect(figures).toMatchObject({ policy: "wall-following", trained_rows: 4_092, measured_rows: 1_364 });
    expect(figures.accuracy).toBeGreaterThanOrEqual(0.98);
  });

  it("trains the collision-risk policy, a window a grasp", async () => {
    const figures = await train("collision-risk");
    expect(figures).toMatchObject({ policy: "collision-risk", windows: 88 });
    expect(figures.accuracy.mean).toBeGreaterThanOrEqual(0.9);
  });

  it("reads the same from Parquet as from CSV, value by value", async () => {
    const files = await Promise.all(["csv", "parquet"].map((format) => exportFeatures("collision-risk", format)));
    expect(await runDataPython("-c", readBoth, ...files)).toBe("88 rows, 26 columns\n");
  });
});
