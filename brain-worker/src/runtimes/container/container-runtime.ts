/** Asks a policy server, in a container of its own or elsewhere, and brings it back when it is gone. */
import type { Logger } from "pino";
import type { OutputOptions } from "../../policies/policy-file.ts";
import { ZmqTimeoutError, ZmqUnavailableError } from "../../zmq/errors.ts";
import { keepTrying } from "../keep-running.ts";
import { type ModelAnswer, ModelUnavailableError, type Runtime } from "../runtime.ts";
import type { FrameworkContainer } from "./framework-container.ts";
import { type ExampleBatch, inferChunks, inferRows, type ServerModel } from "./inference-request.ts";
import { openPolicyServer, type PolicyServer, type PolicyServerOptions } from "./policy-server.ts";

export interface ContainerRuntimeOptions extends ServerModel, Pick<PolicyServerOptions, "form"> {
  readonly kind: OutputOptions["kind"];
  /** How long an answer may take. */
  readonly deadlineMs: number;
}

/** Where the server is: in a container that is brought up when needed, or where somebody else runs it. */
export type ServerPlace = { readonly container: FrameworkContainer } | { readonly endpoint: string };

interface ContainerRuntimeDependencies {
  readonly logger: Logger;
  readonly place: ServerPlace;
  /** Told each time the server is gone and looked for again. */
  readonly onRestart?: (() => void) | undefined;
}

/** A server that runs elsewhere and does not answer is asked again so soon. */
const elsewherePatienceMs = 10_000;

/**
 * Returns at once: what takes long, building an image or loading a model, happens while other policies work. Whoever
 * opened it closes it, which stops the container.
 */
export function openContainerRuntime(
  { logger, onRestart, place }: ContainerRuntimeDependencies,
  { kind, deadlineMs, form, ...model }: ContainerRuntimeOptions,
): Runtime {
  const container = "container" in place ? place.container : undefined;
  let modelVersion: string | undefined;
  let isFirst = true;

  async function start(signal: AbortSignal): Promise<PolicyServer> {
    // One that a worker before this one left is taken over. Afterwards, what is in it has failed us: it may hang or be
    // frozen, and would not answer by being left alone.
    if (!isFirst) await container?.stop();
    isFirst = false;
    const endpoint = "container" in place ? await place.container.bringUp(signal) : place.endpoint;
    const readyWithinMs = container?.patienceMs ?? elsewherePatienceMs;
    const server = await openPolicyServer({ endpoint, form, readyWithinMs }, signal);
    modelVersion = server.modelVersion;
    logger.info({ endpoint, container: container?.name, model_version: modelVersion }, "a policy server is ready");
    return server;
  }

  const what = "container" in place ? place.container.name : place.endpoint;
  const running = keepTrying({ logger, what, onRestart, start });

  async function infer(batch: ExampleBatch): Promise<ModelAnswer> {
    const { client, isSame, modelVersion } = running.current();
    if (!isSame) throw new ModelUnavailableError(`${what} went away; it is being looked for`);
    const ask = kind === "action_chunk" ? inferChunks : inferRows;
    const values = await ask(client, model, batch, { timeoutMs: deadlineMs }).catch((error: unknown) => {
      if (error instanceof ZmqTimeoutError || error instanceof ZmqUnavailableError) {
        throw new ModelUnavailableError(error.message, { cause: error });
      }
      throw error;
    });
    return { values, modelVersion };
  }

  return {
    get modelVersion() {
      return modelVersion;
    },
    infer: (features, rows, pictures = []) => infer({ features, rows, pictures }),
    async close() {
      const closed = running.close();
      // Ends what a start may be waiting for; and what it has made meanwhile.
      await container?.stop();
      await closed;
      await container?.stop();
    },
  };
}
