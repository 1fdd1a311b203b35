/** A model behind a policy server, wherever that is and however it is spoken to; brings it back when it is gone. */
import type { Logger } from "pino";
import type { OutputOptions } from "../file/policy-file.ts";
import { keepTrying } from "../keep-running.ts";
import { type ModelAnswer, ModelUnavailableError, type Runtime } from "../runtime.ts";
import { type ExampleBatch, inferChunks, inferRows, type ServerModel } from "./inference-request.ts";
import type { Place, PolicyServer, Wire, WireOptions } from "./ports.ts";

export interface RemoteRuntimeOptions extends ServerModel, Pick<WireOptions, "form"> {
  readonly kind: OutputOptions["kind"];
  /** How long an answer may take. */
  readonly deadlineMs: number;
}

interface RemoteRuntimeDependencies {
  readonly logger: Logger;
  readonly place: Place;
  readonly wire: Wire;
  /** Told each time the server is gone and looked for again. */
  readonly onRestart?: (() => void) | undefined;
}

/**
 * Returns at once: a server may take minutes to come. Until it is there, and whenever it is gone, `infer` throws.
 */
export function openRemoteRuntime(
  { logger, onRestart, place, wire }: RemoteRuntimeDependencies,
  { kind, deadlineMs, form, ...model }: RemoteRuntimeOptions,
): Runtime {
  let modelVersion: string | undefined;
  let isFirst = true;

  async function start(signal: AbortSignal): Promise<PolicyServer> {
    // One that a worker before this one left is taken over. Afterwards, what is in it has failed us: it may hang or be
    // frozen, and would not answer by being left alone.
    if (!isFirst) await place.stop();
    isFirst = false;
    const endpoint = await place.bringUp(signal);
    const server = await wire.connect({ endpoint, form, readyWithinMs: place.readyWithinMs }, signal);
    modelVersion = server.modelVersion;
    logger.info({ endpoint, place: place.name, model_version: modelVersion }, "a policy server is ready");
    return server;
  }

  const running = keepTrying({ logger, what: place.name, onRestart, start });

  async function infer(batch: ExampleBatch): Promise<ModelAnswer> {
    const server = running.current();
    if (!server.isSame) throw new ModelUnavailableError(`${place.name} went away; it is being looked for`);
    const ask = kind === "action_chunk" ? inferChunks : inferRows;
    const { modelVersion } = server;
    return { values: await ask(server, model, batch, deadlineMs), modelVersion };
  }

  return {
    get modelVersion() {
      return modelVersion;
    },
    infer: (features, rows, pictures = []) => infer({ features, rows, pictures }),
    async close() {
      const closed = running.close();
      // Ends what a start may be waiting for; and what it has made meanwhile.
      await place.stop();
      await closed;
      await place.stop();
    },
  };
}
