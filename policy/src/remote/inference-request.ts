/** What a policy server is asked, and what its answer means. */
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import type { Pictures } from "../runtime.ts";
import { isTensor, type Tensor, toFloat32 } from "../tensor.ts";
import type { PolicyServer } from "./ports.ts";

/** What the policy says of its server's model. */
export interface ServerModel {
  /** How many numbers a row or a step has. */
  readonly labels: number;
  /** Of the steps of a chunk. */
  readonly dtMs?: number | undefined;
  /** The name of the features in an observation. */
  readonly stateName: string;
  readonly task?: string | undefined;
}

/** Several examples; see `Runtime.infer`. */
interface ExampleBatch {
  readonly features: Float32Array;
  readonly rows: number;
  readonly pictures: readonly Pictures[];
}

type Ask = (
  server: Pick<PolicyServer, "infer">,
  model: ServerModel,
  batch: ExampleBatch,
  timeoutMs: number,
) => Promise<Float32Array>;

const validateOutputs = compileValidator("the server's result", Type.Object({ outputs: Type.Unknown() }));
const validateAction = compileValidator(
  "the server's result",
  Type.Object({ action: Type.Unknown(), dt_ms: Type.Optional(Type.Number()) }),
);

/** All rows in one request: features in, outputs out. */
export const inferRows: Ask = async (server, { labels }, { features, rows }, timeoutMs) => {
  const observation = { features: float32(features, [rows, features.length / rows]) };
  const result = validateOutputs(await server.infer(observation, timeoutMs));
  if (!result.ok) throw new TypeError(result.problem);
  const { shape, numbers } = readNumbers("outputs", result.value.outputs);
  if (shape.join() === `${rows},${labels}`) return numbers;
  throw new RangeError(`outputs must have the shape [${rows}, ${labels}]; got [${shape.join(", ")}]`);
};

/** A request for each row: an observation in, a chunk of actions out. All chunks have as many steps. */
export const inferChunks: Ask = async (server, model, { features, rows, pictures }, timeoutMs) => {
  const columns = features.length / rows;
  const chunks = await Promise.all(
    Array.from({ length: rows }, async (_, row) => {
      const state = float32(features.slice(row * columns, (row + 1) * columns), [columns]);
      const task = model.task === undefined ? {} : { task: model.task };
      const observation = { [model.stateName]: state, ...pictures[row], ...task };
      return readChunk(model, await server.infer(observation, timeoutMs));
    }),
  );
  const steps = chunks[0]?.length ?? 0;
  const odd = chunks.find(({ length }) => length !== steps);
  if (odd !== undefined)
    throw new RangeError(`action must have as many numbers each time; got ${steps} and ${odd.length}`);
  const all = new Float32Array(rows * steps);
  for (const [row, chunk] of chunks.entries()) all.set(chunk, row * steps);
  return all;
};

function readChunk({ labels, dtMs }: ServerModel, answer: unknown): Float32Array {
  const result = validateAction(answer);
  if (!result.ok) throw new TypeError(result.problem);
  const { action, dt_ms: theirs } = result.value;
  if (theirs !== undefined && dtMs !== undefined && Math.abs(theirs - dtMs) > 0.5) {
    throw new RangeError(
      `output.dt_ms is ${dtMs}, and the server's steps take ${theirs} ms: say so in the policy file`,
    );
  }
  const { shape, numbers } = readNumbers("action", action);
  if (shape.length <= 2 && shape.at(-1) === labels && numbers.length > 0) return numbers;
  throw new RangeError(`action must have the shape [${labels}] or [steps, ${labels}]; got [${shape.join(", ")}]`);
}

function float32(data: Float32Array, shape: readonly number[]): Tensor {
  return { dtype: "float32", shape, data };
}

interface Numbers {
  readonly shape: readonly number[];
  readonly numbers: Float32Array;
}

/** A tensor, or the nested lists that JSON servers send. */
function readNumbers(what: string, value: unknown): Numbers {
  if (isTensor(value)) return { shape: value.shape, numbers: toFloat32(value) };
  if (!Array.isArray(value)) throw new TypeError(`${what} must be a tensor or a list of numbers`);
  const rows: unknown[] = value;
  const shape = Array.isArray(rows[0]) ? [rows.length, rows[0].length] : [rows.length];
  const numbers = rows.flat().map((number) => (typeof number === "number" ? number : Number.NaN));
  if (numbers.length !== shape.reduce((product, size) => product * size, 1)) {
    throw new RangeError(`${what} must have rows of one length`);
  }
  return { shape, numbers: Float32Array.from(numbers) };
}
