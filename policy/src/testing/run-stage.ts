/** Runs a step over samples, for tests. */
import { type Frame, firstStage, type Row, type Shape, type Step } from "../preprocessing/step.ts";

/** A reading a channel, without a window. */
export function channels(...names: string[]): Shape {
  return { rows: 1, names };
}

/** Pushes one frame a row, `periodMs` apart, numbered from 1; returns the frames that come out. */
export function runStep<State>(step: Step<State>, rows: readonly Row[], periodMs = 100): Frame[] {
  let stage = firstStage(step);
  const outputs: Frame[] = [];
  for (const [index, row] of rows.entries()) {
    const { output, next } = stage.push({ rows: [row], ts: index * periodMs, firstSeq: index + 1 });
    if (output !== undefined) outputs.push(output);
    stage = next;
  }
  return outputs;
}

/** The newest value of a single channel after each sample. */
export function runOneChannel<State>(step: Step<State>, values: readonly number[], periodMs = 100): number[] {
  return runStep(
    step,
    values.map((value) => [value]),
    periodMs,
  ).map(({ rows }) => rows[0]?.[0] ?? Number.NaN);
}
