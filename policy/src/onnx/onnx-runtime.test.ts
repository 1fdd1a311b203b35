import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ModelUnavailableError } from "../runtime.ts";
import { directoryOf, linearSoftmax, otherVersion, silent } from "../testing/packets.ts";
import { type OnnxRuntimeOptions, openOnnxRuntime } from "./onnx-runtime.ts";
import { SessionThread, type ThreadStart } from "./session-thread.ts";

const options: OnnxRuntimeOptions = { file: linearSoftmax, features: 2, labels: 3, output: "probabilities" };

async function open(
  changes: Partial<OnnxRuntimeOptions> = {},
  { startThread = (start: ThreadStart) => SessionThread.start(start), logger = silent } = {},
) {
  const runtime = await openOnnxRuntime({ logger, startThread }, { ...options, ...changes });
  onTestFinished(() => runtime.close());
  return runtime;
}

function softmax(z: readonly number[]): number[] {
  const sum = z.reduce((total, value) => total + Math.exp(value), 0);
  return z.map((value) => Math.exp(value) / sum);
}

test("answers a batch row by row", async () => {
  const runtime = await open();
  const { values } = await runtime.infer(new Float32Array([1, 2, -3, 0.5]), 2);
  const expected = [...softmax([1, 2, -1]), ...softmax([-3, 0.5, 3])];
  expect(values).toHaveLength(6);
  for (const [index, value] of expected.entries()) expect(values[index]).toBeCloseTo(value, 6);
});

test("overlapping calls are answered, each with its own answer", async () => {
  const runtime = await open();
  const answers = await Promise.all([5, -5, 0].map((x) => runtime.infer(new Float32Array([x, 0]), 1)));
  expect(answers.map(({ values }) => values.indexOf(Math.max(...values)))).toEqual([0, 2, 0]);
});

test("the version is the file's", async () => {
  expect((await open()).modelVersion).toMatch(/^[0-9a-f]{12}$/);
});

test.each<[what: string, changes: Partial<OnnxRuntimeOptions>, message: string]>([
  ["features", { features: 3 }, "takes 2 features; the policy's preprocessing makes 3"],
  ["labels", { labels: 2 }, "must name the model's 3 outputs; got 2 labels"],
  ["output", { output: "values" }, "must have one output, values float32 [N, 3]; got probabilities float32 [N, 3]"],
])("refuses a model with other %s", async (_, changes, message) => {
  await expect(open(changes)).rejects.toThrow(message);
});

test("refuses a file that is no model", async () => {
  const file = join(await directoryOf({}), "no.onnx");
  await writeFile(file, "nothing");
  await expect(open({ file })).rejects.toThrow("must be a model that ONNX Runtime can run");
});

test("refuses a model that answers with no numbers", async () => {
  const file = join(await directoryOf({}), "astray.onnx");
  const model = await readFile(linearSoftmax);
  // Its first weight, 1.
  const [one, nan] = [new Uint8Array(Float32Array.of(1).buffer), new Uint8Array(Float32Array.of(Number.NaN).buffer)];
  model.set(nan, model.indexOf(one));
  await writeFile(file, model);
  await expect(open({ file })).rejects.toThrow("must answer with finite numbers; got NaN");
});

test("a thread that dies says so, and comes back", async () => {
  const threads: SessionThread[] = [];
  const startThread = async (start: ThreadStart) => {
    const thread = await SessionThread.start(start);
    threads.push(thread);
    return thread;
  };
  const runtime = await open({}, { startThread });
  await threads[0]?.kill();
  await expect(runtime.infer(new Float32Array([1, 1]), 1)).rejects.toBeInstanceOf(ModelUnavailableError);

  const answer = await vi.waitFor(() => runtime.infer(new Float32Array([9, 0]), 1), { timeout: 25_000 });
  expect(answer.values[0]).toBeGreaterThan(0.99);
  expect(threads).toHaveLength(2);
});

test("a thread that dies fails what it was asked", async () => {
  const thread = await SessionThread.start({ model: await readFile(linearSoftmax), threads: 1 });
  const died = thread.kill();
  await expect(thread.infer(new Float32Array([1, 1]), 1)).rejects.toBeInstanceOf(ModelUnavailableError);
  await died;
  await expect(thread.infer(new Float32Array([1, 1]), 1)).rejects.toBeInstanceOf(ModelUnavailableError);
});

test("closing answers what was asked before", async () => {
  const runtime = await open();
  const asked = runtime.infer(new Float32Array([1, 1]), 1);
  await runtime.close();
  expect((await asked).values).toHaveLength(3);
});

describe("a file that is followed", () => {
  /** A model in a folder of its own, that is served, and what the log says of it. */
  async function follow() {
    const file = join(await directoryOf({}), "model.onnx");
    await writeFile(file, await readFile(linearSoftmax));
    const log: { msg: string; problem?: string }[] = [];
    const logger = pino({}, { write: (line) => void log.push(JSON.parse(line)) });
    const runtime = await open({ file, follow: true }, { logger });
    const ask = () => runtime.infer(new Float32Array([1, 2]), 1);
    const servesOther = (version: string | undefined) =>
      vi.waitFor(() => expect(runtime.modelVersion).not.toBe(version), { timeout: 25_000 });
    return { file, log, runtime, ask, servesOther };
  }

  test.each<[how: string, put: (file: string, model: Uint8Array) => Promise<void>]>([
    ["written over", writeFile],
    [
      "renamed into its place",
      async (file, model) => {
        await writeFile(`${file}.new`, model);
        await rename(`${file}.new`, file);
      },
    ],
  ])("and is %s serves from then on, without a question unanswered", async (_, put) => {
    const { file, runtime, ask, servesOther } = await follow();
    const first = runtime.modelVersion;
    const versions: string[] = [];
    let asking = true;
    const asker = (async () => {
      while (asking) versions.push((await ask()).modelVersion);
    })();
    await put(file, await otherVersion());
    await servesOther(first);
    versions.push((await ask()).modelVersion);
    asking = false;
    await asker;
    expect([...new Set(versions)]).toEqual([first, runtime.modelVersion]);
  });

  test("and is broken, gone, or another policy's leaves the old model serving, and the log says why", async () => {
    const { file, log, runtime, ask, servesOther } = await follow();
    const first = runtime.modelVersion;
    await rm(file);
    await writeFile(file, "nothing");
    await vi.waitFor(() => expect(log).toHaveLength(1), { timeout: 25_000 });
    expect(log[0]).toMatchObject({ problem: expect.stringContaining("must be a model that ONNX Runtime can run") });
    expect((await ask()).modelVersion).toBe(first);

    await writeFile(file, await otherVersion());
    await servesOther(first);
    expect(log).toHaveLength(2);
  });
});
