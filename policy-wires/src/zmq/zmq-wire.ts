/** Policy servers that are spoken to over ZMQ: waited for, asked, and watched whether they still answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { ModelUnavailableError, type PolicyServer, type Wire } from "@physical-ai/policy";
import { messageOf } from "@physical-ai/service/errors";
import { ZmqClient } from "./client.ts";
import { ZmqTimeoutError, ZmqUnavailableError } from "./errors.ts";
import type { Health } from "./messages.ts";

/** Before a server that is not ready is asked again. */
const notReadyMs = 200;
const probeEveryMs = 1_000;
/** A server that computes may be silent for a while; one that is silent for so long hangs. */
const hangsAfterMs = 10_000;

export const zmqWire: Wire = {
  async connect({ endpoint, form, readyWithinMs }, signal) {
    const client = new ZmqClient({ endpoint, form });
    try {
      const { model_version = "unknown" } = await untilReady(client, readyWithinMs, signal);
      return new ZmqPolicyServer(client, model_version);
    } catch (error) {
      client.close();
      throw error;
    }
  },
};

/**
 * Asks until the server says that its model is ready. Legacy servers do not speak of a model: to be well is enough.
 *
 * @returns what it said
 * @throws Error when it does not in time; whatever the signal was aborted with
 */
export async function untilReady(client: ZmqClient, withinMs: number, signal?: AbortSignal): Promise<Health> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await healthOrProblem(client);
    if (typeof answer !== "string") return answer;
    if (performance.now() > deadline) {
      throw new Error(`expected a policy server at ${client.endpoint} to be ready within ${withinMs} ms; ${answer}`);
    }
    await sleep(notReadyMs, undefined, { signal });
  }
}

async function healthOrProblem(client: ZmqClient): Promise<Health | string> {
  try {
    const health = await client.health();
    if (health.status === "ok" && health.ready !== false) return health;
    return `its status is ${health.status}, and its model ${health.ready === false ? "is being loaded" : "is ready"}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** Owns the client. */
class ZmqPolicyServer implements PolicyServer {
  readonly modelVersion: string;
  readonly gone: Promise<string>;
  readonly #client: ZmqClient;
  /** The server that was ready is the one of this connection. */
  readonly #connections: number;
  readonly #closing = new AbortController();

  constructor(client: ZmqClient, modelVersion: string) {
    this.modelVersion = modelVersion;
    this.#client = client;
    this.#connections = client.stats.connections;
    this.gone = this.#watch().finally(() => this.close());
  }

  get isSame(): boolean {
    return this.#client.connected && this.#client.stats.connections === this.#connections;
  }

  async infer(observation: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<unknown> {
    try {
      return await this.#client.inference(observation, {}, { timeoutMs });
    } catch (error) {
      if (!(error instanceof ZmqTimeoutError || error instanceof ZmqUnavailableError)) throw error;
      throw new ModelUnavailableError(error.message, { cause: error });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#client.close();
  }

  /** Resolves with why it is gone. */
  async #watch(): Promise<string> {
    const { endpoint } = this.#client;
    const { signal } = this.#closing;
    let heardAt = performance.now();
    while (!signal.aborted) {
      if (await this.#client.healthCheck()) heardAt = performance.now();
      if (signal.aborted) break;
      if (!this.isSame) return `the policy server at ${endpoint} went away`;
      if (performance.now() - heardAt > hangsAfterMs) {
        return `the policy server at ${endpoint} has not answered for ${hangsAfterMs / 1_000} s`;
      }
      await sleep(probeEveryMs, undefined, { signal }).catch(() => undefined);
    }
    return "closed";
  }
}
