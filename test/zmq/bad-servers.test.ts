/** The client beside servers that do not do what they should. */
import { once } from "node:events";
import { createServer } from "node:net";
import { ZmqClient, type ZmqClientOptions, ZmqProtocolError, ZmqTimeoutError } from "@physical-ai/policy-wires";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { hasPython, preparePython, startPythonServer } from "../src/python.ts";
import { pythonProgram, startNodeProgram } from "./programs.ts";
import { type Asked, type ScriptedServer, startScriptedServer } from "./scripted-server.ts";

/** Longer than any test: what rejects has not waited for it. */
const forEver = 600_000;

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

function connect(endpoint: string, options: Omit<ZmqClientOptions, "endpoint"> = {}): ZmqClient {
  const client = new ZmqClient({ endpoint, timeoutMs: forEver, ...options });
  opened.push(client);
  return client;
}

/** From then on a request leaves at once: what it waits for is its answer. */
const untilConnected = (client: ZmqClient) => eventually(() => expect(client.connected).toBe(true));

function serve(onRequest: (asked: Asked, count: number) => void): ScriptedServer {
  const server = startScriptedServer(onRequest);
  opened.push({ close: server.stop });
  return server;
}

it("gives up a request that is never answered, and no other", async () => {
  const server = serve((asked, count) => count > 0 && asked.answer(count));
  const client = connect(server.endpoint);
  await untilConnected(client);
  const unanswered = client.inference({}, {}, { timeoutMs: 300 });
  expect(await client.inference({})).toBe(1);
  await expect(unanswered).rejects.toThrow(ZmqTimeoutError);
});

it("drops an answer that comes too late", async () => {
  const asked: Asked[] = [];
  const server = serve((one, count) => (count === 0 ? asked.push(one) : one.answer(count)));
  const client = connect(server.endpoint);
  await untilConnected(client);
  await expect(client.inference({}, {}, { timeoutMs: 50 })).rejects.toThrow(ZmqTimeoutError);
  await eventually(() => expect(asked).toHaveLength(1));
  asked[0]?.answer("late");
  await eventually(() => expect(client.stats).toMatchObject({ answered: 0, late: 1 }));
  expect(await client.inference({})).toBe(1);
});

it("takes the first of two answers", async () => {
  const server = serve((asked, count) => {
    asked.answer(`first of ${count}`);
    asked.answer(`second of ${count}`);
  });
  const client = connect(server.endpoint);
  expect(await client.inference({})).toBe("first of 0");
  expect(await client.inference({})).toBe("first of 1");
  await eventually(() => expect(client.stats).toMatchObject({ answered: 2, late: 2 }));
});

it("tells answers in any order apart", async () => {
  const asked: Asked[] = [];
  const server = serve((one) => {
    asked.push(one);
    if (asked.length === 100) for (const [count, each] of [...asked.entries()].reverse()) each.answer(count);
  });
  const client = connect(server.endpoint);
  const answers = Array.from({ length: 100 }, () => client.inference({}));
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 100 }, (_, count) => count));
});

describe("an answer that cannot be read", () => {
  const headerWith = (requestId: string, rest: object) =>
    JSON.stringify({ status: "success", result: {}, request_id: requestId, timestamp: 0, ...rest });
  const lie = { tensors: [{ name: "/action", dtype: "float32", shape: [14] }] };

  it.each<[string, (asked: Asked) => void]>([
    ["no JSON", ({ send }) => send("hello")],
    ["no frame at all", ({ send }) => send()],
    ["NaN", ({ send, requestId }) => send(`{"status": "success", "result": NaN, "request_id": "${requestId}"}`)],
    [
      "a request",
      ({ send, requestId }) => send(JSON.stringify({ type: "inference", data: {}, request_id: requestId })),
    ],
    ["a tensor that is too short", ({ send, requestId }) => send(headerWith(requestId, lie), Buffer.alloc(13))],
    ["a tensor that is missing", ({ send, requestId }) => send(headerWith(requestId, lie))],
    ["an answer to nobody", ({ send }) => send(JSON.stringify({ status: "success", result: 1 }))],
    ["deep nesting", ({ send }) => send(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)],
  ])("rejects at once: %s", async (_, script) => {
    const server = serve((asked, count) => (count === 0 ? script(asked) : asked.answer("good")));
    const client = connect(server.endpoint);
    await expect(client.inference({})).rejects.toThrow(ZmqProtocolError);
    expect(client.stats.unreadable).toBe(1);
    expect(await client.inference({})).toBe("good");
  });

  it("rejects the request that it names, and no other", async () => {
    const asked: Asked[] = [];
    const server = serve((one) => {
      asked.push(one);
      if (asked.length < 2) return;
      one.send(headerWith(one.requestId, lie));
      asked[0]?.answer("good");
    });
    const client = connect(server.endpoint);
    const [first, second] = [client.inference({}), client.inference({})];
    await expect(second).rejects.toThrow(ZmqProtocolError);
    expect(await first).toBe("good");
  });

  it("cuts off a server whose frames are too large", async () => {
    const server = serve((asked, count) => asked.answer(count === 0 ? "x".repeat(10_001) : "good"));
    const client = connect(server.endpoint, { maxFrameBytes: 10_000 });
    await expect(client.inference({})).rejects.toMatchObject({ name: "ZmqUnavailableError", sent: true });
    expect(await client.inference({})).toBe("good");
  });
});

describe("a server that never stops to answer", () => {
  it.each([
    ["large", 10_000_000],
    ["small", 3],
  ])("is left alone, and holds up nothing else: %s frames", async (_, bytes) => {
    const server = await startNodeProgram("flooding-server.mjs", String(bytes));
    opened.push({ close: () => void server.kill() });
    const before = process.memoryUsage.rss();
    const client = connect(server.said);
    await expect(client.inference({})).rejects.toThrow(ZmqProtocolError);
    await eventually(() => expect(client.connected).toBe(false));
    expect(client.stats.unreadable).toBeLessThan(100);
    expect(process.memoryUsage.rss() - before).toBeLessThan(768 * 2 ** 20);
  });
});

describe("a server that is not there", () => {
  it("is waited for", async () => {
    const endpoint = await freeEndpoint();
    const client = connect(endpoint);
    await expect(client.inference({}, {}, { timeoutMs: 100 })).rejects.toMatchObject({
      name: "ZmqUnavailableError",
      sent: false,
    });
    expect(await client.healthCheck()).toBe(false);
    const patient = client.inference({});
    const server = startScriptedServer((asked, count) => asked.answer(count), endpoint);
    opened.push({ close: server.stop });
    expect(await patient).toBe(0);
    expect(client.stats.sent).toBe(1);
  });

  it("is said to be none where the address cannot be one", () => {
    expect(() => new ZmqClient({ endpoint: "localhost" })).toThrow(/expected an endpoint such as/);
  });
});

it("rejects what waits when it is closed", async () => {
  const server = serve(() => undefined);
  const client = connect(server.endpoint);
  const waiting = client.inference({});
  await eventually(() => expect(client.stats.sent).toBe(1));
  client.close();
  await expect(waiting).rejects.toMatchObject({ name: "ZmqUnavailableError", sent: true });
  await expect(client.inference({})).rejects.toMatchObject({ name: "ZmqUnavailableError", sent: false });
});

it("rejects what cannot be sent, and goes on", async () => {
  const server = serve((asked) => asked.answer("good"));
  const client = connect(server.endpoint);
  await expect(client.inference({ image: new Uint8Array(3) })).rejects.toThrow(/a bare Uint8Array/);
  const wrong = { dtype: "float32", shape: [3], data: new Float32Array(2) };
  await expect(client.inference({ wrong })).rejects.toThrow("float32 [3] has 12 bytes; got 8");
  expect(await client.inference({})).toBe("good");
});

describe.skipIf(!hasPython())("a server that dies", () => {
  beforeAll(preparePython, 180_000);

  it("is noticed at once, and used again when it is back", async () => {
    const server = await startPythonServer(pythonProgram("serve.py"));
    const client = connect(server.endpoint);
    const answered = client.sendRequest("echo", { n: 1 });
    const working = client.sendRequest("sleep", { seconds: 600 });
    expect(await answered).toEqual({ n: 1 });
    const lost = expect(working).rejects.toMatchObject({ name: "ZmqUnavailableError", sent: true });
    await server.kill();
    await lost;
    expect(client.connected).toBe(false);

    const patient = client.sendRequest("echo", { n: 2 });
    const back = await startPythonServer(pythonProgram("serve.py"), server.endpoint);
    expect(await patient).toEqual({ n: 2 });
    expect(client.connected).toBe(true);
    await back.kill();
  });

  it("costs no more than a request's time when it is frozen, and is used again when it goes on", async () => {
    const server = await startPythonServer(pythonProgram("serve.py"));
    const client = connect(server.endpoint);
    await client.health();
    server.process.kill("SIGSTOP");
    await expect(client.sendRequest("echo", {}, { timeoutMs: 300 })).rejects.toThrow(ZmqTimeoutError);
    server.process.kill("SIGCONT");
    expect(await client.sendRequest("echo", { n: 3 })).toEqual({ n: 3 });
    await server.kill();
  });
});

/** Where nobody listens. */
async function freeEndpoint(): Promise<string> {
  // Not a server of ours: ZeroMQ goes on listening for a moment after it was closed.
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error(`expected a port; got ${address}`);
  return `tcp://127.0.0.1:${address.port}`;
}
