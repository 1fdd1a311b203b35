/** What a policy file (`policies/*.yaml`) may say. Unknown keys are errors: a misspelt one is never ignored. */
import { PolicySubscription, PredictedCommand } from "@physical-ai/unity-protocol";
import Type, { type Static } from "typebox";
import { closed } from "../preprocessing/options.ts";
import { type StepOptions, stepSchemas } from "../preprocessing/steps.ts";

const { name, types, robot_types, delivery } = PolicySubscription.properties;
const { action, params, ttl_ms } = PredictedCommand.properties;

const Labels = Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true });

/** A sentence for people. `{label}` is the label; `{percent}` 100 × the sum of the scores of `percent_of`, rounded. */
const Message = closed({
  text: Type.String({ minLength: 1 }),
  percent_of: Type.Optional(Labels),
});

const scored = { labels: Labels, message: Type.Optional(Message) };

/** What the model's output means, by `kind`. `labels` names its columns, in their order. */
export const outputSchemas = {
  /** Probabilities of what is the case. */
  classification: closed({ kind: Type.Literal("classification"), ...scored }),
  /** Probabilities of what to do next. */
  action: closed({ kind: Type.Literal("action"), ...scored }),
  /** Quantities. */
  regression: closed({ kind: Type.Literal("regression"), labels: Labels }),
} as const;
export type OutputOptions = Static<(typeof outputSchemas)[keyof typeof outputSchemas]>;

/** What computes the output, by `runtime`. */
export const modelSchemas = {
  /** An ONNX file; its path is relative to the policy file. */
  onnx: closed({ runtime: Type.Literal("onnx"), file: Type.String({ minLength: 1 }) }),
} as const;
export type ModelOptions = Static<(typeof modelSchemas)[keyof typeof modelSchemas]>;

const ListensTo = closed({
  types,
  robot_types,
  delivery,
  /** The field of `val` with the numbers; `val` itself when missing. */
  field: Type.Optional(Type.String({ minLength: 1 })),
  /** How many numbers; a packet with fewer or more is skipped and counted. */
  channels: Type.Integer({ minimum: 1, maximum: 100_000 }),
  /** The channels' names; `<field>_1`, `<field>_2`, … when missing. */
  names: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true })),
});

/** Where readings do not continue the ones before: every step then forgets the robot's past. A `gap` always does so. */
const Continuity = closed({
  /** The longest time from a reading to the next one. */
  max_gap_ms: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  /** A field of `val` that stays the same within a recording. */
  reset_on: Type.Optional(Type.String({ minLength: 1 })),
});

/** What the robot is told to do. A label that is not listed makes no command. */
const Command = closed({
  ttl_ms,
  by_label: Type.Record(Type.String(), closed({ action, params })),
});

const outline = {
  name,
  description: Type.String({ minLength: 1 }),
  listens_to: ListensTo,
  continuity: Type.Optional(Continuity),
  command: Type.Optional(Command),
  /** A prediction whose newest packet came to the hub longer ago is not made. */
  deadline_ms: Type.Number({ exclusiveMinimum: 0 }),
};

/** The file with its variable parts known by their kind only: those parts are checked against the schema of the kind. */
export const PolicyOutline = closed({
  ...outline,
  preprocess: Type.Array(Type.Object({ step: Type.Enum(Object.keys(stepSchemas)) })),
  model: Type.Object({ runtime: Type.Enum(Object.keys(modelSchemas)) }),
  output: Type.Object({ kind: Type.Enum(Object.keys(outputSchemas)) }),
});

/** A policy file that is valid. */
export type PolicyFile = Omit<Static<typeof PolicyOutline>, "preprocess" | "model" | "output"> & {
  preprocess: StepOptions[];
  model: ModelOptions;
  output: OutputOptions;
};
