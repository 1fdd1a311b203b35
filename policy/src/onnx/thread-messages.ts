/** What the thread of an ONNX session and its owner say to each other. */

/** Given to the thread when it starts. */
export interface ThreadStart {
  /** The ONNX file's content. */
  readonly model: Uint8Array;
  /** Threads that one operator may use. */
  readonly threads: number;
}

/** To the thread. The features' buffer is handed over, not copied. */
export type ToThread =
  | { readonly kind: "infer"; readonly id: number; readonly features: Float32Array<ArrayBuffer>; readonly rows: number }
  | { readonly kind: "close" };

/** A tensor that a model takes or gives. Symbolic dimensions are strings. */
export interface TensorDescription {
  readonly name: string;
  /** `float32`, …; undefined for what is no tensor. */
  readonly type: string | undefined;
  readonly shape: readonly (number | string)[];
}

/** From the thread: once `ready` or `unusable`, then an answer to each `infer`, in their order. */
export type FromThread =
  | { readonly kind: "ready"; readonly inputs: TensorDescription[]; readonly outputs: TensorDescription[] }
  | { readonly kind: "unusable"; readonly problem: string }
  | { readonly kind: "answer"; readonly id: number; readonly values: Float32Array<ArrayBuffer> }
  | { readonly kind: "failure"; readonly id: number; readonly problem: string };
