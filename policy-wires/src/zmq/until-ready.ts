/** Waits for a policy server whose model is being loaded. */
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "@physical-ai/service/errors";
import type { ZmqClient } from "./client.ts";
import type { Health } from "./messages.ts";

const pauseMs = 200;

/**
 * Asks until the server says that its model is ready. Servers of today do not speak of a model: to be well is enough.
 *
 * @returns what it said
 * @throws Error when it does not in time; whatever the signal was aborted with
 */
export async function untilReady(client: ZmqClient, withinMs: number, signal?: AbortSignal): Promise<Health> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const problem = await problemNow();
    if (typeof problem !== "string") return problem;
    if (performance.now() > deadline) {
      throw new Error(`expected a policy server at ${client.endpoint} to be ready within ${withinMs} ms; ${problem}`);
    }
    await sleep(pauseMs, undefined, { signal });
  }

  async function problemNow(): Promise<Health | string> {
    try {
      const health = await client.health();
      if (health.status === "ok" && health.ready !== false) return health;
      return `its status is ${health.status}, and its model ${health.ready === false ? "is being loaded" : "is ready"}`;
    } catch (error) {
      return messageOf(error);
    }
  }
}
