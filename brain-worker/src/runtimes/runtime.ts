/** What computes a policy's outputs from its features: an ONNX file today, a container tomorrow. */

/** A model that is ready. Whoever opened it closes it. */
export interface Runtime {
  /** First 12 hex digits of the model file's SHA-256, or what the container reports. */
  readonly modelVersion: string;
  /**
   * Answers for several examples at once, in the order of the calls.
   *
   * @param features row-major, `rows` × the policy's features; the caller gives it away
   * @returns row-major, `rows` × the policy's labels
   * @throws ModelUnavailableError while the model is not running
   */
  infer(features: Float32Array<ArrayBuffer>, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The model is not running at the moment; it is being started again. */
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
