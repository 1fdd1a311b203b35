/** A policy server that answers: where it is, and whether it still does. */
import { setTimeout as sleep } from "node:timers/promises";
import { createZmqClient, type ZmqClient } from "../../zmq/client.ts";
import type { Form } from "../../zmq/frames.ts";
import { untilReady } from "../../zmq/until-ready.ts";
import type { Backend } from "../keep-running.ts";

/** A server that is ready. Closing it ends the conversation, not the server. */
export interface PolicyServer extends Backend {
  readonly client: ZmqClient;
  readonly modelVersion: string;
  /** False when another server may be there by now, with another model. */
  readonly isSame: boolean;
}

export interface PolicyServerOptions {
  readonly endpoint: string;
  readonly form: Form;
  /** How long a model may take to load. */
  readonly readyWithinMs: number;
}

const probeEveryMs = 1_000;
/** A server that computes may be silent for a while; one that is silent for so long hangs. */
const hangsAfterMs = 10_000;

/**
 * Resolves when the server says that its model is ready.
 *
 * @throws Error when it does not in time
 */
export async function openPolicyServer(options: PolicyServerOptions, signal: AbortSignal): Promise<PolicyServer> {
  const client = createZmqClient({ endpoint: options.endpoint, form: options.form });
  try {
    const { model_version = "unknown" } = await untilReady(client, options.readyWithinMs, signal);
    return converse(client, model_version);
  } catch (error) {
    client.close();
    throw error;
  }
}

function converse(client: ZmqClient, modelVersion: string): PolicyServer {
  const { connections } = client.stats;
  const closing = new AbortController();
  const isSame = () => client.connected && client.stats.connections === connections;

  async function watch(): Promise<string> {
    let heardAt = performance.now();
    while (!closing.signal.aborted) {
      if (await client.healthCheck()) heardAt = performance.now();
      if (closing.signal.aborted) break;
      if (!isSame()) return `the policy server at ${client.endpoint} went away`;
      if (performance.now() - heardAt > hangsAfterMs)
        return `the policy server at ${client.endpoint} has not answered for ${hangsAfterMs / 1_000} s`;
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
    gone: watch().finally(close),
    close: async () => close(),
  };
}
