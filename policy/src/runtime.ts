/** The port to what computes a policy's outputs from its features: an ONNX file, or a policy server somewhere. */
import type { Tensor } from "./tensor.ts";

/** Pictures of one robot, by the names that the policy's model has for them. */
export type Pictures = Readonly<Record<string, Tensor>>;

/** What a model said, and which model it was: by the time that it has answered, another one may serve. */
export interface ModelAnswer {
  /** Row-major, rows × the policy's labels; of chunks, rows × steps × labels. */
  readonly values: Float32Array;
  /** First 12 hex digits of the model file's SHA-256, or what the policy server reports. */
  readonly modelVersion: string;
}

/** A model that is ready. Whoever opened it closes it. */
export interface Runtime {
  /** Of the model that is asked next; `undefined` until a policy server has reported it. */
  readonly modelVersion: string | undefined;
  /**
   * Answers for several examples at once, in the order of the calls.
   *
   * @param features row-major, `rows` × the policy's features; the caller gives it away
   * @param pictures of each row, for policies that look at them
   * @throws ModelUnavailableError while the model is not running
   */
  infer(features: Float32Array<ArrayBuffer>, rows: number, pictures?: readonly Pictures[]): Promise<ModelAnswer>;
  close(): Promise<void>;
}

/** The model does not answer at the moment; it is being started again. */
export class ModelUnavailableError extends Error {
  override readonly name = "ModelUnavailableError";
}

/** The model is not the one that the policy describes; starting it again would not help. */
export class ModelMismatchError extends Error {
  override readonly name = "ModelMismatchError";
  /** The part of the policy that it contradicts. */
  readonly part: "file" | "labels";

  constructor(part: "file" | "labels", message: string) {
    super(message);
    this.part = part;
  }
}
