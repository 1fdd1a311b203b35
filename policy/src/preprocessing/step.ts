/**
 * What a preprocessing step is.
 *
 * A step is a pure function from a state and a frame to the next state and, maybe, a frame. It keeps nothing itself:
 * the pipeline holds one state for each robot, and forgets it where the readings have a hole.
 */

/** One sample: a number a channel. */
export type Row = readonly number[];

/** Readings on their way through the steps: one row, or after a `window` the rows of all its samples, oldest first. */
export interface Frame {
  readonly rows: readonly Row[];
  /** When the newest sample was made, epoch milliseconds. */
  readonly ts: number;
  /** The position in its stream of the oldest packet in the frame; undefined for packets without a stream. */
  readonly firstSeq: number | undefined;
}

/** How many rows a frame has, and the name of each of its columns. */
export interface Shape {
  readonly rows: number;
  readonly names: readonly string[];
}

/** What a step makes of one frame; no output while it still waits for more. */
export interface Advance<State> {
  readonly state: State;
  readonly output: Frame | undefined;
}

/** A step whose options are checked and fit the shape that it is given. */
export interface Step<State> {
  readonly output: Shape;
  readonly initial: State;
  advance(state: State, frame: Frame): Advance<State>;
}

/** A step together with its present state, whose type is nobody else's business. */
export interface Stage {
  readonly output: Shape;
  /** Leaves this stage as it is; `next` is the one to push the next frame into. */
  push(frame: Frame): { output: Frame | undefined; next: Stage };
}

/** Options that are well-formed, but do not fit what the steps before hand over. */
export class StepError extends Error {
  /** The option that is wrong. */
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}

/** The stage of a step that has seen nothing yet. */
export function firstStage<State>(step: Step<State>): Stage {
  const stage = (state: State): Stage => ({
    output: step.output,
    push(frame) {
      const advance = step.advance(state, frame);
      return { output: advance.output, next: stage(advance.state) };
    },
  });
  return stage(step.initial);
}

/** A step without memory that changes each row by itself. */
export function rowByRow(output: Shape, change: (row: Row) => Row): Step<undefined> {
  return {
    output,
    initial: undefined,
    advance: (state, frame) => ({ state, output: { ...frame, rows: frame.rows.map(change) } }),
  };
}

/** A step that smooths the channels over time: from its state and the newest sample to the next state and sample. */
export function smoothing<State>(
  input: Shape,
  initial: State,
  advance: (state: State, row: Row, ts: number) => { state: State; row: Row },
): Step<State> {
  if (input.rows !== 1) throw new StepError("step", "must stand before window: it smooths samples as they come");
  return {
    output: input,
    initial,
    advance(state, frame) {
      const [newest] = frame.rows;
      if (newest === undefined) return { state, output: frame };
      const next = advance(state, newest, frame.ts);
      return { state: next.state, output: { ...frame, rows: [next.row] } };
    },
  };
}

/** Refuses a list of options that has not one entry a channel. */
export function requireOnePerChannel(option: string, list: readonly unknown[], input: Shape): void {
  if (list.length === input.names.length) return;
  throw new StepError(option, `must have ${input.names.length} entries, one a channel; got ${list.length}`);
}
