import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Dealer, Request } from "zeromq";
import { ZmqClient } from "./client.ts";
import { ZmqRemoteError } from "./errors.ts";
import { ZmqServer } from "./server.ts";

let server: ZmqServer;
let running: Promise<void>;
let client: ZmqClient;
beforeEach(() => {
  server = new ZmqServer({ endpoint: "tcp://127.0.0.1:*", concurrency: 2 });
  running = server.run();
  client = new ZmqClient({ endpoint: server.endpoint });
});
afterEach(async () => {
  client.close();
  await server.stop();
  await running;
});

it("answers with what a handler returns, or promises, or throws", async () => {
  server.registerHandler("at-once", ({ n }) => ({ n }));
  server.registerHandler("later", async ({ n }) => ({ n }));
  server.registerHandler("nothing", () => undefined);
  server.registerHandler("never", () => {
    throw new Error("not today");
  });
  server.registerHandler("unspeakable", () => ({ huge: 1n }));
  expect(await client.sendRequest("at-once", { n: 1 })).toEqual({ n: 1 });
  expect(await client.sendRequest("later", { n: 2 })).toEqual({ n: 2 });
  expect(await client.sendRequest("nothing", {})).toBeNull();
  await expect(client.sendRequest("never", {})).rejects.toThrow(new ZmqRemoteError("not today"));
  await expect(client.sendRequest("unspeakable", {})).rejects.toThrow(/BigInt/);
  await expect(client.train({})).rejects.toThrow("expected one of the types health, status, at-once");
  expect(server.stats).toEqual({ answered: 3, failed: 3, refused: 0 });
});

it("says what it is", async () => {
  server.registerHandler("health", () => ({ status: "ok", framework: "pi0", model_version: "abc", ready: true }));
  expect(await client.health()).toEqual({ status: "ok", framework: "pi0", model_version: "abc", ready: true });
  server.registerHandler("health", () => ({ status: "loading", ready: false }));
  expect(await client.healthCheck()).toBe(false);
  expect(await client.status()).toMatchObject({ handlers: ["health", "status"], answered: 2 });
});

it("works on no more requests at once than it should", async () => {
  let working = 0;
  let most = 0;
  server.registerHandler("work", async () => {
    most = Math.max(most, ++working);
    await new Promise((resolve) => setTimeout(resolve, 5));
    working--;
  });
  await Promise.all(Array.from({ length: 10 }, () => client.sendRequest("work", {})));
  expect(most).toBe(2);
});

it("answers what it works on when it is stopped", async () => {
  let begun = () => {};
  const working = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let finish = () => {};
  server.registerHandler("work", () => {
    begun();
    return new Promise<string>((resolve) => {
      finish = () => resolve("done");
    });
  });
  const answer = client.sendRequest("work", {});
  await working;
  const stopped = server.stop();
  await expect(client.sendRequest("work", {})).rejects.toThrow("the server is stopping");
  finish();
  expect(await answer).toBe("done");
  await stopped;
});

it("says where it cannot listen", () => {
  expect(() => new ZmqServer({ endpoint: server.endpoint })).toThrow(/expected a free endpoint such as/);
});

describe("other sockets", () => {
  it("gets on with REQ", async () => {
    const socket = new Request({ linger: 0 });
    socket.connect(server.endpoint);
    await socket.send('{"type": "health"}');
    const [answer] = await socket.receive();
    expect(JSON.parse(String(answer))).toEqual({
      status: "ok",
      ok: true,
      result: { status: "ok", timestamp: expect.any(Number) },
      request_id: "unknown",
      timestamp: expect.any(Number),
    });
    socket.close();
  });

  it.each([
    ["no delimiter", ['{"type": "health", "request_id": "7"}'], 0],
    ["an address of several frames", ["one", "two", "", '{"type": "health", "request_id": "7"}'], 3],
  ])("answers to where it came from: %s", async (_, frames, delimiter) => {
    const socket = new Dealer({ linger: 0 });
    socket.connect(server.endpoint);
    await socket.send(frames);
    const answer = await socket.receive();
    expect(answer.slice(0, delimiter).map(String)).toEqual(frames.slice(0, delimiter));
    const status = delimiter === 0 ? "error" : "ok";
    expect(JSON.parse(String(answer[delimiter]))).toMatchObject({ status });
    socket.close();
  });
});
