/** A policy server that answers: where it is, and whether it still does. */
import { setTimeout as sleep } from "node:timers/promises";
import { createZmqClient, type ZmqClient } from "../../zmq/client.ts";
import type { Form } from "../../zmq/frames.ts";
import type { Engine } from "../keep-running.ts";

/** A server that is ready. Closing it ends the conversation, not the server. */
export interface PolicyServer extends Engine {
  readonly client: ZmqClient;
  readonly modelVersion: string;
  /** False when another server may be there by now, with another model. */
  readonly isSame: boolean;
  /** True when it is there and does not answer. */
  readonly hangs: boolean;
}

export interface PolicyServerOptions {
  readonly endpoint: string;
  readonly form: Form;
  /** How long a model may take to load. */
  readonly readyWithinMs: number;
}

const probeEveryMs = 1_000;
/** A server that computes may be silent for a while; one that is silent for so long hangs. */
const hangsAfterMs = 30_000;

/**
 * Resolves when the server says that its model is ready.
 *
 * @throws Error when it does not in time
 */
export async function openPolicyServer(options: PolicyServerOptions, signal: AbortSignal): Promise<PolicyServer> {
  const client = createZmqClient({ endpoint: options.endpoint, form: options.form });
  try {
    const modelVersion = await untilReady(client, options.readyWithinMs, signal);
    return converse(client, modelVersion);
  } catch (error) {
    client.close();
    throw error;
  }
}

function converse(client: ZmqClient, modelVersion: string): PolicyServer {
  const { connections } = client.stats;
  const closing = new AbortController();
  const isSame = () => client.connected && client.stats.connections === connections;
  let hangs = false;

  async function watch(): Promise<string> {
    let heardAt = performance.now();
    while (!closing.signal.aborted) {
      if (await client.healthCheck()) heardAt = performance.now();
      if (closing.signal.aborted) break;
      if (!isSame()) return `the policy server at ${client.endpoint} went away`;
      hangs = performance.now() - heardAt > hangsAfterMs;
      if (hangs) return `the policy server at ${client.endpoint} has not answered for ${hangsAfterMs / 1_000} s`;
      await sleep(probeEveryMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    return "closed";
  }

  function close(): void {
    closing.abort();
    client.close();
  }

  return {
    client,
    modelVersion,
    get isSame() {
      return isSame();
    },
    get hangs() {
      return hangs;
    },
    gone: watch().finally(close),
    close: async () => close(),
  };
}

/** @returns the version of its model; servers of today do not say */
async function untilReady(client: ZmqClient, withinMs: number, signal: AbortSignal): Promise<string> {
  const deadline = performance.now() + withinMs;
  let problem = "";
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    try {
      const { status, ready = true, model_version = "unknown" } = await client.health();
      if (status === "ok" && ready) return model_version;
      problem = `its status is ${status}, and its model ${ready ? "is ready" : "is being loaded"}`;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    await sleep(probeEveryMs / 5, undefined, { signal });
  }
  throw new Error(`expected a policy server at ${client.endpoint} to be ready within ${withinMs} ms; ${problem}`);
}
