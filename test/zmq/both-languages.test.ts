/** TypeScript and Python, each as client and as server, in both forms. */
import type { Tensor } from "@physical-ai/policy";
import { ZmqClient, ZmqRemoteError, ZmqServer } from "@physical-ai/policy-wires";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasPython, type PythonServer, preparePython, runPython, startPythonServer } from "../src/python.ts";
import { pythonProgram } from "./programs.ts";

const tensors: Record<string, Tensor> = {
  bool: { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
  int8: { dtype: "int8", shape: [2], data: Int8Array.of(-128, 127) },
  int16: { dtype: "int16", shape: [2], data: Int16Array.of(-32_768, 32_767) },
  int32: { dtype: "int32", shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
  int64: { dtype: "int64", shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
  uint8: { dtype: "uint8", shape: [3, 1], data: Uint8Array.of(0, 1, 255) },
  uint16: { dtype: "uint16", shape: [1], data: Uint16Array.of(65_535) },
  uint32: { dtype: "uint32", shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
  uint64: { dtype: "uint64", shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
  float16: { dtype: "float16", shape: [2], data: Uint16Array.of(0x3c00, 0x7e00) },
  float32: { dtype: "float32", shape: [2], data: Float32Array.of(0.1, Number.NaN) },
  float64: { dtype: "float64", shape: [2], data: Float64Array.of(0.1, Number.NEGATIVE_INFINITY) },
  scalar: { dtype: "float32", shape: [], data: Float32Array.of(0.5) },
  nothing: { dtype: "uint8", shape: [0, 3], data: new Uint8Array(0) },
  "with/slash.and~tilde": { dtype: "uint8", shape: [1], data: Uint8Array.of(7) },
};

describe.skipIf(!hasPython())("TypeScript asks Python", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await startPythonServer(pythonProgram("serve.py"));
  }, 180_000);
  afterAll(() => server.kill());

  it("sends and gets every kind of tensor, anywhere in a message", async () => {
    const client = new ZmqClient({ endpoint: server.endpoint });
    const data = { tensors, list: [tensors["int8"], "words", null], words: "äöü", number: 0.1 };
    expect(await client.sendRequest("echo", data)).toEqual(data);
    client.close();
  });

  it("gets lists when it sends lists", async () => {
    const client = new ZmqClient({ endpoint: server.endpoint, form: "json" });
    const half = { dtype: "float16", shape: [2], data: Uint16Array.of(0x3800, 0xc000) };
    const observation = { uint8: tensors["uint8"], half, bool: tensors["bool"] };
    expect(await client.inference(observation)).toEqual({
      uint8: [[0], [1], [255]],
      half: [0.5, -2],
      bool: [true, false],
    });
    client.close();
  });

  it("is told what the server is, and what went wrong there", async () => {
    const client = new ZmqClient({ endpoint: server.endpoint });
    expect(await client.healthCheck()).toBe(true);
    expect(await client.status()).toMatchObject({ handlers: expect.arrayContaining(["health", "echo"]) });
    await expect(client.sendRequest("fail", {})).rejects.toThrow(new ZmqRemoteError("KeyError: 'nothing'"));
    await expect(client.train({})).rejects.toThrow(/got train/);
    client.close();
  });

  it("has many requests under way, each with its own answer", async () => {
    const client = new ZmqClient({ endpoint: server.endpoint });
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const answers = await Promise.all(numbers.map((number) => client.sendRequest("echo", { number })));
    expect(answers).toEqual(numbers.map((number) => ({ number })));
    client.close();
  });

  it("hears of health while a handler works", async () => {
    const client = new ZmqClient({ endpoint: server.endpoint });
    const slow = client.sendRequest("sleep", { seconds: 1 });
    expect(await client.healthCheck()).toBe(true);
    expect(await slow).toBe(null);
    client.close();
  });

  it("sees the server stop as it should", async () => {
    const another = await startPythonServer(pythonProgram("serve.py"));
    const client = new ZmqClient({ endpoint: another.endpoint });
    const slow = client.sendRequest("sleep", { seconds: 0.5 });
    await client.health();
    expect(await another.stop()).toBe(0);
    expect(await slow).toBe(null);
    client.close();
  });
});

describe.skipIf(!hasPython())("Python asks TypeScript", () => {
  beforeAll(preparePython, 180_000);

  it("sends and gets every kind of tensor, in both forms", async () => {
    const server = new ZmqServer({ endpoint: "tcp://127.0.0.1:*" });
    for (const type of ["inference", "command"]) server.registerHandler(type, (data) => data);
    const running = server.run();
    await runPython(pythonProgram("ask.py"), server.endpoint);
    expect(server.stats).toEqual({ answered: 5, failed: 1, refused: 0 });
    await server.stop();
    await running;
  });
});

describe.skipIf(!hasPython())("the package of the containers", () => {
  beforeAll(preparePython, 180_000);

  it("passes its own tests", async () => {
    await runPython(
      "-W",
      "error",
      "-m",
      "unittest",
      "discover",
      "-s",
      pythonProgram("../../../containers/images/python/tests"),
    );
  });
});
