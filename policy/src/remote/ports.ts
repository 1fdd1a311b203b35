/**
 * A remote model is a place times a wire: where its policy server is, and how it is spoken to. Each place works with each
 * wire, and neither knows the other.
 */
import type { Supervised } from "@physical-ai/service/supervisor";

/** Where a policy server is: a container that we run, or an endpoint that somebody else does. */
export interface Place {
  /** For people. */
  readonly name: string;
  /** How long its model may take to load. */
  readonly readyWithinMs: number;
  /** Sees to it that the server runs. Returns the endpoint where it will answer. */
  bringUp(signal: AbortSignal): Promise<string>;
  /** Ends whatever runs or hangs there, as far as that is ours to do. */
  stop(): Promise<void>;
}

/** A server that runs elsewhere and does not answer is asked again so soon. */
const endpointPatienceMs = 10_000;

/** A server that somebody else runs, and nobody here starts or stops. */
export function endpointPlace(endpoint: string): Place {
  return {
    name: endpoint,
    readyWithinMs: endpointPatienceMs,
    bringUp: async () => endpoint,
    stop: async () => undefined,
  };
}

/** How policy servers of one protocol are spoken to. */
export interface Wire {
  /**
   * Resolves when the server is ready.
   *
   * @throws when it is not in time, or the signal ends it
   */
  connect(options: WireOptions, signal: AbortSignal): Promise<PolicyServer>;
}

export interface WireOptions {
  readonly endpoint: string;
  /** How tensors go, on wires that know several ways; the wire's own choice when missing. */
  readonly form?: "multipart" | "json" | undefined;
  /** How long a model may take to load. */
  readonly readyWithinMs: number;
}

/** A server that is ready. Closing it ends the conversation, not the server. */
export interface PolicyServer extends Supervised<string> {
  readonly modelVersion: string;
  /** False when another server may be there by now, with another model. */
  readonly isSame: boolean;
  /**
   * Asks for what follows from an observation: numbers, texts and tensors by their names.
   *
   * @returns `outputs`, rows × labels; or `action`, steps × labels, with `dt_ms` where the server knows it
   * @throws ModelUnavailableError when no answer comes within `timeoutMs`, or the server is gone
   */
  infer(observation: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<unknown>;
}
