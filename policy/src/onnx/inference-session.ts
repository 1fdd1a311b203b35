/**
 * The session of ONNX Runtime, on the thread that it runs on: the execution providers are chosen here.
 *
 * `session.run` of onnxruntime-node computes on the thread that calls it and blocks it until it has its result, whatever
 * its promise suggests. So sessions live on threads of their own, where nobody else waits.
 */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "@physical-ai/service/errors";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { FromThread, TensorDescription, ThreadStart, ToThread } from "./session-thread.ts";

if (parentPort === null) throw new Error("inference-session runs as a worker thread; start it with SessionThread");
const port = parentPort;
const { model, threads }: ThreadStart = workerData;

/** Execution providers of ONNX Runtime, in the order in which it tries them. */
const executionProviders = ["cpu"];

const send = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

try {
  const options = {
    executionProviders,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  } as const;
  serve(await InferenceSession.create(model, options));
} catch (error) {
  send({ kind: "unusable", problem: messageOf(error) });
  port.close();
}

function serve(session: InferenceSession): void {
  const [input = ""] = session.inputNames;
  const [output = ""] = session.outputNames;

  const infer = async (features: Float32Array, rows: number): Promise<Float32Array<ArrayBuffer>> => {
    const tensor = new Tensor("float32", features, [rows, features.length / rows]);
    const result = (await session.run({ [input]: tensor }))[output];
    if (!(result?.data instanceof Float32Array)) throw new Error(`${output} must be float32; got ${result?.type}`);
    return new Float32Array(result.data);
  };
  const answer = async ({ id, features, rows }: Extract<ToThread, { kind: "infer" }>): Promise<void> => {
    try {
      const values = await infer(features, rows);
      send({ kind: "answer", id, values }, [values.buffer]);
    } catch (error) {
      send({ kind: "failure", id, problem: messageOf(error) });
    }
  };
  const close = async (): Promise<void> => {
    await session.release();
    port.close();
  };

  // One after the other: a session must not be released under a run.
  let last = Promise.resolve();
  port.on("message", (message: ToThread) => {
    last = last.then(() => (message.kind === "infer" ? answer(message) : close()));
  });
  const { inputMetadata, outputMetadata } = session;
  send({ kind: "ready", inputs: inputMetadata.map(describe), outputs: outputMetadata.map(describe) });
}

function describe(metadata: InferenceSession.ValueMetadata): TensorDescription {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, shape: metadata.shape }
    : { name: metadata.name, type: undefined, shape: [] };
}
