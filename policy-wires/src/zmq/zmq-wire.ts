/** Policy servers that are spoken to over ZMQ, and whether they still answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { ModelUnavailableError, type PolicyServer, type Wire, type WireOptions } from "@physical-ai/policy";
import { createZmqClient, type ZmqClient } from "./client.ts";
import { ZmqTimeoutError, ZmqUnavailableError } from "./errors.ts";
import { untilReady } from "./until-ready.ts";

const probeEveryMs = 1_000;
/** A server that computes may be silent for a while; one that is silent for so long hangs. */
const hangsAfterMs = 10_000;

export const zmqWire: Wire = { connect };

async function connect({ endpoint, form, readyWithinMs }: WireOptions, signal: AbortSignal): Promise<PolicyServer> {
  const client = createZmqClient({ endpoint, form });
  try {
    const { model_version = "unknown" } = await untilReady(client, readyWithinMs, signal);
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
    modelVersion,
    infer: (observation, timeoutMs) =>
      client.inference(observation, {}, { timeoutMs }).catch((error: unknown) => {
        if (!(error instanceof ZmqTimeoutError || error instanceof ZmqUnavailableError)) throw error;
        throw new ModelUnavailableError(error.message, { cause: error });
      }),
    get isSame() {
      return isSame();
    },
    gone: watch().finally(close),
    close: async () => close(),
  };
}
