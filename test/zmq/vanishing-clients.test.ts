/** Clients that go away while a server of either language is busy with their requests. */
import { ZmqClient } from "@physical-ai/policy-wires";
import { beforeAll, describe, expect, it } from "vitest";
import { hasPython, preparePython, startPythonServer } from "../src/python.ts";
import { floodAndVanish } from "./hostile.ts";
import { pythonProgram, startNodeProgram } from "./programs.ts";

/** Longer than the heartbeats that this server must not have: with them, libzmq aborted it at the first one. */
const busyMs = 7_000;

describe.concurrent("a busy server whose clients vanish lives, and answers", () => {
  it("in TypeScript", async () => {
    const { said, kill } = await startNodeProgram("busy-server.mjs");
    await outlive(said).finally(kill);
  });

  describe.skipIf(!hasPython())("with Python", () => {
    beforeAll(preparePython, 180_000);

    it("in Python", async () => {
      const { endpoint, kill } = await startPythonServer(pythonProgram("busy_server.py"));
      await outlive(endpoint).finally(kill);
    });
  });
});

async function outlive(endpoint: string): Promise<void> {
  const client = new ZmqClient({ endpoint, timeoutMs: 60_000 });
  try {
    expect(await client.status()).toBe("well");
    const until = Date.now() + busyMs;
    await Promise.all([
      floodAndVanish(endpoint, { type: "status", data: { until } }, 2_000),
      startNodeProgram("flooding-client.mjs", endpoint, String(until)).then(({ kill }) => kill()),
    ]);
    expect(await client.status()).toBe("well");
    expect(Date.now()).toBeGreaterThanOrEqual(until);
    expect(client.stats.connections).toBe(1);
  } finally {
    client.close();
  }
}
