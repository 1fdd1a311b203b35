/** The thread on which an ONNX session runs, as its owner sees it: started, asked, closed. */
import { Worker } from "node:worker_threads";
import { ModelMismatchError, ModelUnavailableError } from "../runtime.ts";

/** Always the compiled file: Node 20 runs no TypeScript, so tests of the sources start the thread of the last build. */
const threadFile = new URL("../../dist/onnx/inference-session.js", import.meta.url);

// Otherwise ONNX Runtime tells its makers about its use, over HTTPS. It reads this once, when it is loaded.
Object.assign(process.env, { ORT_DISABLE_TELEMETRY: "1" });

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

interface Question {
  resolve(values: Float32Array): void;
  reject(error: Error): void;
}

/** A session on a thread of its own. Whoever starts it closes it. */
export class SessionThread {
  /** Resolves with the reason when the thread is gone, closed or dead. */
  readonly gone: Promise<string>;
  readonly #worker: Worker;
  /** By their ids, the oldest first. */
  readonly #questions = new Map<number, Question>();
  #asked = 0;
  #death: ModelUnavailableError | undefined;
  #inputs: readonly TensorDescription[] = [];
  #outputs: readonly TensorDescription[] = [];

  private constructor(start: ThreadStart) {
    this.#worker = new Worker(threadFile, { workerData: start });
    this.gone = this.#untilGone();
  }

  /**
   * Resolves when the session is ready.
   *
   * @throws ModelMismatchError when the file is no model that ONNX Runtime can run
   */
  static async start(start: ThreadStart): Promise<SessionThread> {
    const thread = new SessionThread(start);
    await thread.#ready();
    return thread;
  }

  get inputs(): readonly TensorDescription[] {
    return this.#inputs;
  }

  get outputs(): readonly TensorDescription[] {
    return this.#outputs;
  }

  /** @throws ModelUnavailableError when the thread is dead, or dies before it answers */
  infer(features: Float32Array<ArrayBuffer>, rows: number): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      this.#asked += 1;
      this.#questions.set(this.#asked, { resolve, reject });
      this.#send({ kind: "infer", id: this.#asked, features, rows }, [features.buffer]);
    });
  }

  /** Answers what has been asked, then ends the thread. */
  async close(): Promise<void> {
    // The thread takes its messages in order, so it has answered everything when it reads this one.
    this.#send({ kind: "close" });
    await this.gone;
  }

  /** Ends the thread at once, as a crash would. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
    await this.gone;
  }

  #send(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #untilGone(): Promise<string> {
    let reason = "it ended";
    this.#worker.on("error", (error) => {
      reason = error.message;
    });
    return new Promise((resolve) => {
      this.#worker.once("exit", (code) => {
        const why = `${reason} (exit code ${code})`;
        this.#death = new ModelUnavailableError(`the model's thread died: ${why}`);
        for (const { reject } of this.#questions.values()) reject(this.#death);
        this.#questions.clear();
        resolve(why);
      });
    });
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.gone.then((why) => reject(new ModelUnavailableError(`the model's thread died while it started: ${why}`)));
      this.#worker.on("message", (message: FromThread) => {
        switch (message.kind) {
          case "ready":
            this.#inputs = message.inputs;
            this.#outputs = message.outputs;
            return resolve();
          case "unusable":
            return reject(
              new ModelMismatchError("file", `must be a model that ONNX Runtime can run; ${message.problem}`),
            );
          case "answer":
            return this.#take(message.id)?.resolve(message.values);
          case "failure":
            return this.#take(message.id)?.reject(new Error(message.problem));
        }
      });
    });
  }

  #take(id: number): Question | undefined {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    return question;
  }
}
