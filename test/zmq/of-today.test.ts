/** Clients and servers as the teams run them today, which know one frame of JSON and nothing else. */
import { ZmqClient, ZmqClientPool, ZmqRemoteError, ZmqServer } from "@physical-ai/policy-wires";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasPython, type PythonServer, preparePython, runPython, startPythonServer } from "../src/python.ts";
import { pythonProgram } from "./programs.ts";

describe.skipIf(!hasPython())("our client and their server", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await startPythonServer(pythonProgram("their_server.py"));
  }, 180_000);
  afterAll(() => server.kill());

  it("get on with each other", async () => {
    const client = new ZmqClient({ endpoint: server.endpoint, form: "json" });
    expect(await client.healthCheck()).toBe(true);
    const image = { dtype: "uint8", shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) } as const;
    const seen = {
      image: [
        [1, 2],
        [3, 4],
      ],
      robot_state: [0.5],
    };
    expect(await client.inference({ image, robot_state: [0.5] })).toEqual({
      action: [0.1, 0.2],
      confidence: 0.95,
      seen,
    });
    expect(await client.command("go", { fast: true })).toEqual({ did: "go" });
    await expect(client.train({})).rejects.toThrow(new ZmqRemoteError("Unknown message type: train"));
    client.close();
  });

  it("have many requests under way, and none is mixed up", async () => {
    const client = new ZmqClient({ endpoint: server.endpoint, form: "json" });
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    const answers = await Promise.all(numbers.map((number) => client.inference({ number })));
    expect(answers).toMatchObject(numbers.map((number) => ({ seen: { number } })));
    client.close();
  });

  it("are not confused by an answer that came too late", async () => {
    const client = new ZmqClient({ endpoint: server.endpoint, form: "json" });
    await expect(client.inference({ n: 1 }, { seconds: 0.3 }, { timeoutMs: 100 })).rejects.toThrow(/within 100 ms/);
    expect(await client.inference({ n: 2 })).toMatchObject({ seen: { n: 2 } });
    expect(client.stats.late).toBe(1);
    client.close();
  });

  it("meet in a pool", async () => {
    const pool = new ZmqClientPool();
    pool.addClient("lerobot", server.endpoint, { form: "json" });
    pool.addClient("nobody", "tcp://127.0.0.1:1");
    expect(await pool.healthCheckAll()).toEqual({ lerobot: true, nobody: false });
    expect(await pool.inference("lerobot", { n: 1 })).toMatchObject({ confidence: 0.95 });
    pool.removeClient("nobody");
    await expect(pool.inference("nobody", {})).rejects.toThrow("expected one of lerobot; got nobody");
    pool.closeAll();
    await expect(pool.inference("lerobot", {})).rejects.toThrow("got lerobot");
  });
});

describe.skipIf(!hasPython())("their client", () => {
  beforeAll(preparePython, 180_000);

  const echoes = {
    is_well: true,
    inference: {
      status: "success",
      result: {
        observation: {
          image: [
            [1, 2],
            [3, 4],
          ],
          robot_state: [0.5, 1],
        },
      },
    },
    failure: { status: "error", error: expect.stringContaining("got train") },
  };
  const ask = async (endpoint: string) => JSON.parse(await runPython(pythonProgram("their_client.py"), endpoint));

  it("gets on with our server in TypeScript", async () => {
    const server = new ZmqServer({ endpoint: "tcp://127.0.0.1:*" });
    server.registerHandler("inference", (data) => data);
    const running = server.run();
    expect(await ask(server.endpoint)).toMatchObject(echoes);
    await server.stop();
    await running;
  });

  it("gets on with our server in Python", async () => {
    const server = await startPythonServer(pythonProgram("serve.py"));
    const { inference } = echoes;
    const answer = { ...inference, result: inference.result.observation };
    expect(await ask(server.endpoint)).toMatchObject({ ...echoes, inference: answer });
    await server.kill();
  });
});
