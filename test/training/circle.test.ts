/** The whole circle on real data: rows → features → training → a new model in the running worker → rows, compared. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { runRelay, runTraining } from "../src/command-lines.ts";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { hasPython, prepareTrainingPython, runTrainingPython } from "../src/python.ts";
import { findRecording } from "../src/recordings.ts";
import { copyPatientPolicies, startTestStack, type TestStack } from "../src/test-stack.ts";

const recording = findRecording("wall_following_24.csv");
const sampleCount = 5_456;
const policy = "wall-following";
const scripts = fileURLToPath(new URL("../../training/scripts", import.meta.url));
const trainSmallTree = fileURLToPath(new URL("train_small_tree.py", import.meta.url));

interface Trained {
  accuracy: number;
  rows: number;
  classes: string[];
  confusion: number[][];
}

interface PredictionOfRow {
  seq: number;
  model_version: string;
}

describe.skipIf(recording === undefined || !hasPython())("from rows to a better model", () => {
  let database: TestDatabase;
  let policies: Awaited<ReturnType<typeof copyPatientPolicies>>;
  let stack: TestStack;
  /** The rows before are trained on, those from here on are held out. */
  let since: string;
  let trained: Trained;
  let oldVersion: string;
  let newVersion: string;

  const fileOf = (name: string) => join(stack.dataDir, name);
  const ofPolicies = () => ["--policies", policies.folder];
  const ofDatabase = () => ["--database-url", database.url];

  beforeAll(async () => {
    await prepareTrainingPython();
    database = await createTestDatabase(inject("postgresUrl"));
    policies = await copyPatientPolicies();
    stack = await startTestStack({
      databaseUrl: database.url,
      allowAnonymous: true,
      relayArgs: ["replay", String(recording), "--rate", "600", "--robot-id", "SCITOS_01"],
      workerArgs: ["--policies", policies.folder],
    });
    await stack.processes.get("relay")?.ended;
    await eventually(async () => expect(await predictionsOf("SCITOS_01")).toHaveLength(sampleCount));
    since = await momentOf(Math.floor(sampleCount * 0.75));
    trained = await train();
  });

  afterAll(async () => {
    await stack?.stop();
    await policies?.remove();
    await database?.drop();
  });

  async function predictionsOf(robot: string): Promise<PredictionOfRow[]> {
    const { rows } = await database.pool.query<PredictionOfRow>(
      "select last_seq::int as seq, model_version from ai_predictions where robot_id = $1 order by last_seq",
      [robot],
    );
    return rows;
  }

  async function momentOf(seq: number): Promise<string> {
    const { rows } = await database.pool.query<{ created_at: Date }>(
      "select created_at from robot_telemetry where robot_id = 'SCITOS_01' and seq = $1",
      [seq],
    );
    return rows[0]?.created_at.toISOString() ?? "";
  }

  async function train(): Promise<Trained> {
    const features = (file: string, ...moments: string[]) =>
      runTraining("export", "--policy", policy, "--out", fileOf(file), ...moments, ...ofPolicies(), ...ofDatabase());
    await features("train.csv", "--until", since);
    await features("measure.csv", "--since", since);
    const files = ["train.csv", "measure.csv", "new.onnx"].map(fileOf);
    const printed = await runTrainingPython(trainSmallTree, scripts, ...files);
    return JSON.parse(printed.trim().split("\n").at(-1) ?? "");
  }

  async function evaluate(...args: string[]) {
    return JSON.parse(
      await runTraining("policy", "evaluate", "--policy", policy, "--json", ...args, ...ofPolicies(), ...ofDatabase()),
    );
  }

  const replay = (robot: string, relayId: string, rate = "600") =>
    runRelay(
      ...["replay", String(recording), "--rate", rate, "--robot-id", robot],
      ...["--hub-url", stack.url, "--relay-id", relayId, "--data-dir", fileOf(relayId)],
    );
  const workerLog = () => readFile(join(stack.dataDir, "logs", "brain-worker.log"), "utf8");

  it("evaluates the new model over the old rows as the training script did, to the third decimal", async () => {
    const figures = await evaluate("--model", fileOf("new.onnx"), "--since", since);
    console.info(`training ${trained.accuracy}, evaluate ${figures.accuracy} on ${figures.labelled} rows`);
    expect(trained.rows).toBeGreaterThan(1_000);
    expect(trained.accuracy).toBeLessThan(1);
    expect(figures.labelled).toBe(trained.rows);
    expect(figures.accuracy).toBeCloseTo(trained.accuracy, 3);
    for (const [row, label] of trained.classes.entries()) {
      for (const [column, predicted] of trained.classes.entries()) {
        expect(figures.confusion[label]?.[predicted] ?? 0).toBe(trained.confusion[row]?.[column]);
      }
    }
    expect(figures.stored.compared).toBe(trained.rows);
    expect(figures.stored.agreement).toBeLessThan(1);
  });

  it("takes the new model over in the middle of a replay, without one packet missed or answered twice", async () => {
    // Slow enough that on any machine the model comes long before the end.
    const relay = replay("SCITOS_02", "relay-2", "120");
    await eventually(async () => expect((await predictionsOf("SCITOS_02")).length).toBeGreaterThan(1_000));
    const printed = await runTraining("policy", "deploy", policy, fileOf("new.onnx"), "--json", ...ofPolicies());
    ({ model_version: newVersion, was: oldVersion } = JSON.parse(printed));
    expect(await relay.ended).toBe(0);
    await eventually(async () => expect(await predictionsOf("SCITOS_02")).toHaveLength(sampleCount));

    const predictions = await predictionsOf("SCITOS_02");
    expect(new Set(predictions.map(({ seq }) => seq)).size).toBe(sampleCount);
    const first = predictions.findIndex(({ model_version }) => model_version === newVersion);
    console.info(`${first} packets by ${oldVersion}, ${sampleCount - first} by ${newVersion}`);
    expect(first).toBeGreaterThan(1_000);
    expect(first).toBeLessThan(sampleCount);
    expect(predictions.map(({ model_version }) => model_version)).toEqual([
      ...Array<string>(first).fill(oldVersion),
      ...Array<string>(sampleCount - first).fill(newVersion),
    ]);
  });

  it("compares what serves with what was predicted then: the same model says the same, row by row", async () => {
    const { model_version, stored } = await evaluate("--robot", "SCITOS_02", "--out", fileOf("differences.csv"));
    expect(model_version).toBe(newVersion);
    expect(stored.compared).toBe(sampleCount);
    const lines = (await readFile(fileOf("differences.csv"), "utf8")).trim().split("\n").slice(1);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((line) => line.includes(oldVersion) && !line.includes(newVersion))).toBe(true);
  });

  it("goes on with the model that serves when its file is broken, and the log says why", async () => {
    const model = join(policies.folder, `${policy}.onnx`);
    await writeFile(model, "this is no model");
    await eventually(async () => expect(await workerLog()).toContain("a new model cannot serve"));
    expect(await workerLog()).toContain("must be a model that ONNX Runtime can run");
    await expect(runTraining("policy", "check", ...ofPolicies())).rejects.toThrow("ONNX Runtime can run");

    const relay = replay("SCITOS_03", "relay-3");
    expect(await relay.ended).toBe(0);
    await eventually(async () => expect(await predictionsOf("SCITOS_03")).toHaveLength(sampleCount));
    const versions = (await predictionsOf("SCITOS_03")).map(({ model_version }) => model_version);
    expect(new Set(versions)).toEqual(new Set([newVersion]));
  });

  it("goes back to the model before while it serves", async () => {
    await runTraining("policy", "rollback", policy, ...ofPolicies());
    await eventually(async () => {
      const lines = (await workerLog()).trim().split("\n");
      expect(lines.at(-1)).toContain(`"model_version":"${oldVersion}"`);
    });
    const [listed] = JSON.parse(await runTraining("policy", "list", "--json", ...ofPolicies())).filter(
      (one: { policy: string }) => one.policy === policy,
    );
    expect(listed).toMatchObject({ model_version: oldVersion, earlier: [] });
  });
});
