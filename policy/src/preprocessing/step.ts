/**
 * What a preprocessing step is.
 *
 * A step is a pure function from a state and a frame to the next state and, maybe, a frame. It keeps nothing itself:
 * the pipeline holds one state for each robot, and forgets it where the readings have a hole.
 */
import Type, { type Static, type TProperties, type TSchema } from "typebox";
import { Compile } from "typebox/compile";

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
interface Advance<State> {
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

/** A kind of step that policy files can name. */
export interface StepKind<S extends TSchema> {
  /** What a policy file may say about it. */
  readonly schema: S;
  /**
   * The step before its first frame.
   *
   * @param options as the schema has them
   * @throws StepError when they do not fit the shape
   */
  createStage(options: unknown, input: Shape): Stage;
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

export function defineStep<S extends TSchema, State>(
  schema: S,
  create: (options: Static<S>, input: Shape) => Step<State>,
): StepKind<S> {
  return {
    schema,
    createStage(options, input) {
      if (!Compile(schema).Check(options))
        throw new StepError("step", "must have the options that its schema asks for");
      return firstStage(create(options, input));
    },
  };
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

/** An object without unknown keys: a misspelt option is an error, never ignored. */
export function closed<const P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

/** A number of samples. */
export const SampleCount = Type.Integer({ minimum: 1, maximum: 10_000 });
