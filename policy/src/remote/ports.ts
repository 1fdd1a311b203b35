/** A remote model is a place (where its server is) times a wire (how it is spoken to). */
import type { Backend } from "../keep-running.ts";

/** Where a policy's server is: a container that we run, or an endpoint that somebody else does. */
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
  readonly form: "multipart" | "json";
  /** How long a model may take to load. */
  readonly readyWithinMs: number;
}

/** A server that is ready. Closing it ends the conversation, not the server. */
export interface PolicyServer extends Backend {
  readonly modelVersion: string;
  /** False when another server may be there by now, with another model. */
  readonly isSame: boolean;
  /**
   * Asks for what follows from an observation: numbers, texts and tensors by their names.
   *
   * @throws ModelUnavailableError when no answer comes within `timeoutMs`, or the server is gone
   */
  infer(observation: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<unknown>;
}
