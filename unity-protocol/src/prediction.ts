/** A prediction: what a policy made of its inputs, and which inputs and which model they were. */
import Type from "typebox";
import { PredictedCommand } from "./command.ts";
import { DurationMs, EpochMs, Identifier, Seq, Uuid } from "./scalars.ts";

/** The data type of a prediction's packet. */
export const predictionType = "ai_prediction";

const Vector = Type.Array(Type.Number());

/** One action vector, or a chunk of them played out at `dt_ms` each. */
const Action = Type.Union([Vector, Type.Object({ steps: Type.Array(Vector), dt_ms: DurationMs })]);

/** The packets that a prediction was made from. */
export const PredictionInput = Type.Object({
  /** Missing for packets that came without a stream. */
  stream_id: Type.Optional(Uuid),
  first_seq: Type.Optional(Seq),
  last_seq: Type.Optional(Seq),
  /** Of the newest packet used. */
  ts: Type.Optional(EpochMs),
});
export type PredictionInput = Type.Static<typeof PredictionInput>;

/** Milliseconds of each stage; `total` since the hub received the newest packet. */
export const PredictionTiming = Type.Object({
  queue: DurationMs,
  preprocess: DurationMs,
  infer: DurationMs,
  total: DurationMs,
});
export type PredictionTiming = Type.Static<typeof PredictionTiming>;

/** The `val` of a packet of `type: "ai_prediction"`. */
export const Prediction = Type.Object(
  {
    policy: Identifier,
    /** First 12 hex digits of the model file's SHA-256, or what the container reports. */
    model_version: Identifier,
    kind: Type.Enum(["classification", "regression", "action"]),
    label: Type.Optional(Type.String()),
    confidence: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    scores: Type.Optional(Type.Record(Type.String(), Type.Number())),
    values: Type.Optional(Type.Union([Vector, Type.Record(Type.String(), Type.Number())])),
    action: Type.Optional(Action),
    /** Which step of a chunk `action` is, from 0, where a chunk is played out step by step. */
    step: Type.Optional(Type.Integer({ minimum: 0 })),
    /** For people: "Collision risk 80%". */
    message: Type.Optional(Type.String()),
    input: PredictionInput,
    timing: PredictionTiming,
    /** What the policy wants the robot to do: the hub audits and sends it like any command. */
    command: Type.Optional(PredictedCommand),
  },
  { $id: "prediction" },
);
export type Prediction = Type.Static<typeof Prediction>;
