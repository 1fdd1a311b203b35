/** A model behind a policy server, wherever that is and however it is spoken to; brings it back when it is gone. */
import type { Logger } from "pino";
import type { OutputOptions } from "../file/schema.ts";
import { ModelSupervisor } from "../model-supervisor.ts";
import { type ModelAnswer, ModelUnavailableError, type Pictures, type Runtime } from "../runtime.ts";
import { inferChunks, inferRows, type ServerModel } from "./inference-request.ts";
import type { Place, PolicyServer, Wire, WireOptions } from "./ports.ts";

export interface RemoteRuntimeOptions extends ServerModel, Pick<WireOptions, "form"> {
  readonly kind: OutputOptions["kind"];
  /** How long an answer may take. */
  readonly deadlineMs: number;
}

export interface RemoteRuntimeDependencies {
  readonly logger: Logger;
  readonly place: Place;
  readonly wire: Wire;
  /** Told each time the server is gone and looked for again. */
  readonly onRestart?: (() => void) | undefined;
}

/** It is made at once: a server may take minutes to come. Until it is there, and whenever it is gone, `infer` throws. */
export class RemoteRuntime implements Runtime {
  readonly #dependencies: RemoteRuntimeDependencies;
  readonly #options: RemoteRuntimeOptions;
  readonly #server: ModelSupervisor<PolicyServer>;
  #modelVersion: string | undefined;
  #isFirst = true;

  constructor(dependencies: RemoteRuntimeDependencies, options: RemoteRuntimeOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    const { logger, place, onRestart } = dependencies;
    this.#server = new ModelSupervisor({
      logger,
      what: place.name,
      onRestart,
      start: (signal) => this.#start(signal),
    });
  }

  get modelVersion(): string | undefined {
    return this.#modelVersion;
  }

  async infer(features: Float32Array, rows: number, pictures: readonly Pictures[] = []): Promise<ModelAnswer> {
    const { kind, deadlineMs } = this.#options;
    const server = this.#server.current();
    if (!server.isSame) {
      throw new ModelUnavailableError(`${this.#dependencies.place.name} went away; it is being looked for`);
    }
    const ask = kind === "action_chunk" ? inferChunks : inferRows;
    const { modelVersion } = server;
    return { values: await ask(server, this.#options, { features, rows, pictures }, deadlineMs), modelVersion };
  }

  async close(): Promise<void> {
    const { place } = this.#dependencies;
    const closed = this.#server.close();
    // Ends what a start may be waiting for; and what it has made meanwhile.
    await place.stop();
    await closed;
    await place.stop();
  }

  async #start(signal: AbortSignal): Promise<PolicyServer> {
    const { logger, place, wire } = this.#dependencies;
    // One that a worker before this one left is taken over. Afterwards, what is in it has failed us: it may hang or be
    // frozen, and would not answer by being left alone.
    if (!this.#isFirst) await place.stop();
    this.#isFirst = false;
    const endpoint = await place.bringUp(signal);
    const { form } = this.#options;
    const server = await wire.connect({ endpoint, form, readyWithinMs: place.readyWithinMs }, signal);
    this.#modelVersion = server.modelVersion;
    const model_version = server.modelVersion;
    logger.info({ endpoint, place: place.name, model_version }, "a policy server is ready");
    return server;
  }
}
