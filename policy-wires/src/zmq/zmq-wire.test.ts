import { isTensor, ModelUnavailableError, openRuntime } from "@physical-ai/policy";
import { expect, onTestFinished, test, vi } from "vitest";
import { loadPolicyOf, silent } from "../../../policy/src/testing/packets.ts";
import { wires } from "../index.ts";
import { type Handler, ZmqServer } from "./server.ts";

/** For what a busy machine takes its time for. */
const patienceMs = 20_000;
const chunks = "output: { kind: action_chunk, labels: [a, b], dt_ms: 20 }";
const regression = "output: { kind: regression, labels: [a, b] }";

/** A policy server of this process; what runs in a container is tested against a real engine. */
function startServer(inference: Handler, { endpoint = "tcp://127.0.0.1:*", version = "v1" } = {}) {
  const server = new ZmqServer({ endpoint });
  server.registerHandler("health", () => ({ status: "ok", model_version: version }));
  server.registerHandler("inference", inference);
  const running = server.run();
  const stop = async () => {
    await server.stop();
    await running;
  };
  onTestFinished(stop);
  return { endpoint: server.endpoint, stop };
}

/** The model of a policy whose server is at the endpoint. */
async function openLazily(endpoint: string, { observation = "{}", output = chunks, deadlineMs = patienceMs } = {}) {
  const shown = output === chunks ? `, observation: ${observation}` : "";
  const model = `model: { runtime: remote, endpoint: "${endpoint}", wire: zmq${shown} }`;
  const policy = await loadPolicyOf({ model, output, deadline_ms: `deadline_ms: ${deadlineMs}` });
  const runtime = await openRuntime({ logger: silent, wires }, policy);
  onTestFinished(() => runtime.close());
  return runtime;
}

async function open(...args: Parameters<typeof openLazily>) {
  const runtime = await openLazily(...args);
  await vi.waitFor(() => expect(runtime.modelVersion).toBeDefined(), { timeout: patienceMs });
  return runtime;
}

const rows = (...numbers: number[]) => Float32Array.from(numbers);
const float32 = (shape: number[], ...data: number[]) => ({ dtype: "float32", shape, data: rows(...data) });

/** The state, twice: a chunk of two steps. */
const echo: Handler = ({ observation }) => {
  const state = Reflect.get(Object(observation), "robot_state");
  if (!isTensor(state) || !(state.data instanceof Float32Array)) throw new Error("expected robot_state as float32");
  return { action: float32([2, 2], ...state.data, ...state.data), dt_ms: 20 };
};

test("asks for the chunk of each row, and knows the model", async () => {
  const runtime = await open(startServer(echo).endpoint);
  expect(runtime.modelVersion).toBe("v1");
  expect(await runtime.infer(rows(1, 2, 3, 4), 2)).toEqual({
    values: rows(1, 2, 1, 2, 3, 4, 3, 4),
    modelVersion: "v1",
  });
});

test("shows pictures and the task under their names", async () => {
  const seen = vi.fn<Handler>(() => ({ action: [1, 2] }));
  const runtime = await open(startServer(seen).endpoint, {
    observation: "{ task: pick it up, state: observation.state }",
  });
  const front = { dtype: "uint8", shape: [1, 1, 3], data: Uint8Array.of(1, 2, 3) } as const;
  expect(await runtime.infer(rows(7), 1, [{ "observation.images.front": front }])).toMatchObject({
    values: rows(1, 2),
  });
  expect(seen).toHaveBeenCalledWith({
    observation: {
      "observation.state": float32([1], 7),
      "observation.images.front": expect.objectContaining({ shape: [1, 1, 3] }),
      task: "pick it up",
    },
  });
});

test("asks for all rows at once where the output has no steps", async () => {
  const sums = vi.fn<Handler>(() => ({
    outputs: [
      [1, 2],
      [3, 4],
    ],
  }));
  const runtime = await open(startServer(sums).endpoint, { output: regression });
  expect(await runtime.infer(rows(1, 2, 3, 4, 5, 6), 2)).toMatchObject({ values: rows(1, 2, 3, 4) });
  expect(sums).toHaveBeenCalledExactlyOnceWith({ observation: { features: float32([2, 3], 1, 2, 3, 4, 5, 6) } });
});

test.each<[what: string, result: unknown, message: RegExp]>([
  ["nothing", undefined, /the server's result/],
  ["other numbers", { action: [1, 2, 3] }, /action must have the shape \[2\] or \[steps, 2\]; got \[3\]/],
  ["ragged lists", { action: [[1, 2], [3]] }, /rows of one length/],
  ["another pace", { action: [1, 2], dt_ms: 33 }, /output\.dt_ms is 20, and the server's steps take 33 ms/],
])("a server that answers %s makes no prediction", async (_, result, message) => {
  const runtime = await open(startServer(() => result).endpoint);
  await expect(runtime.infer(rows(1), 1)).rejects.toThrow(message);
});

test("an answer that comes too late is none", async () => {
  let answer: (result: unknown) => void = () => undefined;
  const runtime = await open(startServer(() => new Promise((resolve) => (answer = resolve))).endpoint, {
    deadlineMs: 50,
  });
  await expect(runtime.infer(rows(1), 1)).rejects.toBeInstanceOf(ModelUnavailableError);
  answer({ action: [1, 2] });
});

test(
  "no answer is taken for one of the model that was there before",
  async () => {
    const first = startServer(echo);
    const runtime = await open(first.endpoint);
    expect((await runtime.infer(rows(1, 2), 1)).values).toHaveLength(4);
    await first.stop();
    // ZeroMQ gives the address back a moment after the socket is closed.
    await vi.waitFor(() => startServer(echo, { endpoint: first.endpoint, version: "v2" }), { timeout: patienceMs });
    const answer = () => runtime.infer(rows(1, 2), 1);
    await expect(answer()).rejects.toBeInstanceOf(ModelUnavailableError);
    expect((await vi.waitFor(answer, { timeout: patienceMs })).modelVersion).toBe("v2");
  },
  3 * patienceMs,
);

test("closing does not wait for a server that never comes", async () => {
  const runtime = await openLazily("tcp://127.0.0.1:9", { output: regression, deadlineMs: 100 });
  await expect(runtime.infer(rows(1), 1)).rejects.toThrow("does not run");
  await runtime.close();
});
