import { connect } from "node:net";
import type { OpenExport } from "@physical-ai/export";
import Fastify from "fastify";
import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { CountedExports, serveExports } from "./exports.ts";

/** A server of exports, and a connection that has asked it for one. */
async function ask(openExport: OpenExport, onLog: (line: string) => void = () => undefined) {
  const http = Fastify({ forceCloseConnections: true });
  serveExports(
    http,
    { exports: new CountedExports(openExport), logger: pino({}, { write: onLog }) },
    { patienceMs: 100 },
  );
  await http.listen({ host: "127.0.0.1", port: 0 });
  const address = http.server.address();
  const client = connect({ host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0 });
  client.on("error", () => undefined);
  client.write("GET /api/export HTTP/1.1\r\nHost: hub\r\n\r\n");
  onTestFinished(async () => {
    client.destroy();
    await http.close();
  });
  return client;
}

it("gives up on a client that takes nothing any more", async () => {
  let signal: AbortSignal | undefined;
  async function* endless() {
    for (;;) yield Buffer.alloc(2 ** 20);
  }
  const client = await ask((_request, listener) => {
    signal = listener.signal;
    return endless();
  });
  client.once("data", () => client.pause());
  await expect.poll(() => signal?.aborted).toBe(true);
});

it("waits for a database that takes its time", async () => {
  let came = "";
  async function* slow() {
    yield Buffer.from("first");
    await new Promise((resolve) => setTimeout(resolve, 400));
    yield Buffer.from("last");
  }
  const client = await ask(slow);
  client.setEncoding("utf8").on("data", (text) => {
    came += text;
  });
  await expect.poll(() => came).toContain("last");
});

it("tells its operator why an export broke off", async () => {
  async function* broken() {
    yield Buffer.from("first");
    throw new Error("the database went away");
  }
  let log = "";
  const client = await ask(broken, (line) => {
    log += line;
  });
  client.resume();
  await expect.poll(() => log).toMatch(/the database went away.*an export broke off/);
});
