/** Starts the thread of an ONNX session and turns its messages into calls. */
import { Worker } from "node:worker_threads";
import { ModelMismatchError, ModelUnavailableError } from "../runtime.ts";
import type { FromThread, TensorDescription, ThreadStart, ToThread } from "./thread-messages.ts";

/** Always the compiled file: Node 20 runs no TypeScript, so tests of the sources start the thread of the last build. */
const threadFile = new URL("../../dist/onnx/session-thread.js", import.meta.url);

// Otherwise ONNX Runtime tells its makers about its use, over HTTPS. It reads this once, when it is loaded.
Object.assign(process.env, { ORT_DISABLE_TELEMETRY: "1" });

/** A session that answers. Whoever started it closes it. */
export interface SessionThread {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  /** Resolves with the reason when the thread is gone, closed or dead. */
  readonly gone: Promise<string>;
  /** @throws ModelUnavailableError when the thread is dead, or dies before it answers */
  infer(features: Float32Array<ArrayBuffer>, rows: number): Promise<Float32Array>;
  /** Answers what has been asked, then ends the thread. */
  close(): Promise<void>;
  /** Ends the thread at once, as a crash would. */
  kill(): Promise<void>;
}

interface Question {
  resolve(values: Float32Array): void;
  reject(error: Error): void;
}

/**
 * Resolves when the session is ready.
 *
 * @throws ModelMismatchError when the file is no model that ONNX Runtime can run
 */
export function startSessionThread(start: ThreadStart): Promise<SessionThread> {
  const worker = new Worker(threadFile, { workerData: start });
  const questions = new Map<number, Question>();
  let asked = 0;
  let death: ModelUnavailableError | undefined;
  const send = (message: ToThread, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);

  let reason = "it ended";
  worker.on("error", (error) => {
    reason = error.message;
  });
  const gone = new Promise<string>((resolve) => {
    worker.once("exit", (code) => {
      const why = `${reason} (exit code ${code})`;
      death = new ModelUnavailableError(`the model's thread died: ${why}`);
      for (const { reject } of questions.values()) reject(death);
      questions.clear();
      resolve(why);
    });
  });

  const settle = (id: number, action: (question: Question) => void) => {
    const question = questions.get(id);
    questions.delete(id);
    if (question !== undefined) action(question);
  };

  const infer = (features: Float32Array<ArrayBuffer>, rows: number) =>
    new Promise<Float32Array>((resolve, reject) => {
      if (death !== undefined) return reject(death);
      asked += 1;
      questions.set(asked, { resolve, reject });
      send({ kind: "infer", id: asked, features, rows }, [features.buffer]);
    });

  // The thread takes its messages in order, so it has answered everything when it reads this one.
  const close = async () => {
    send({ kind: "close" });
    await gone;
  };
  const kill = async () => {
    await worker.terminate();
    await gone;
  };

  return new Promise((resolve, reject) => {
    gone.then((why) => reject(new ModelUnavailableError(`the model's thread died while it started: ${why}`)));
    worker.on("message", (message: FromThread) => {
      switch (message.kind) {
        case "ready":
          return resolve({ inputs: message.inputs, outputs: message.outputs, gone, infer, close, kill });
        case "unusable":
          return reject(
            new ModelMismatchError("file", `must be a model that ONNX Runtime can run; ${message.problem}`),
          );
        case "answer":
          return settle(message.id, (question) => question.resolve(message.values));
        case "failure":
          return settle(message.id, (question) => question.reject(new Error(message.problem)));
      }
    });
  });
}
