/** What a policy file (`policies/*.yaml`) may say. Unknown keys are errors: a misspelt one is never ignored. */
import { PolicySubscription, PredictedCommand } from "@physical-ai/unity-protocol";
import Type, { type Static } from "typebox";
import { closed } from "../preprocessing/options.ts";
import { type StepOptions, stepSchemas } from "../preprocessing/steps.ts";
import { frameworkNames } from "./frameworks.ts";

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
  /** What to do next, `dt_ms` a step: each step has one number a label. */
  action_chunk: closed({
    kind: Type.Literal("action_chunk"),
    labels: Labels,
    dt_ms: Type.Number({ exclusiveMinimum: 0, maximum: 60_000 }),
  }),
} as const;
export type OutputOptions = Static<(typeof outputSchemas)[keyof typeof outputSchemas]>;

/** What a server of action chunks is shown, by the names that its framework has for it. */
const Observation = closed({
  /** The features; `robot_state` when missing. */
  state: Type.Optional(Type.String({ minLength: 1 })),
  /** The newest picture of each of these data types. */
  pictures: Type.Optional(Type.Record(Type.String({ minLength: 1 }), Type.String({ minLength: 1 }))),
  /** What is to be done, in words. */
  task: Type.Optional(Type.String({ minLength: 1 })),
});

/** What computes the output, by `runtime`. */
export const modelSchemas = {
  /** An ONNX file; its path is relative to the policy file. */
  onnx: closed({ runtime: Type.Literal("onnx"), file: Type.String({ minLength: 1 }) }),
  /** A policy server: of a `framework` in a container of its own, or at an `endpoint` that runs elsewhere. */
  container: closed({
    runtime: Type.Literal("container"),
    framework: Type.Optional(Type.Enum(frameworkNames)),
    /** As the container sees it (`/workspace/shared_data/…`), or as the framework's hub knows it. */
    model_path: Type.Optional(Type.String({ minLength: 1 })),
    /** The framework's own, as `--set NAME=VALUE` of its server takes them. */
    options: Type.Optional(Type.Record(Type.String({ minLength: 1 }), Type.String())),
    gpus: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { uniqueItems: true })),
    /** As in `16g`. */
    memory: Type.Optional(Type.String({ minLength: 1 })),
    /** For the process inside. */
    environment: Type.Optional(Type.Record(Type.String(), Type.String())),
    /** As in `tcp://gpu-box:5555`. */
    endpoint: Type.Optional(Type.String({ pattern: "^(tcp|ipc)://." })),
    /** `json` for servers that know no multipart messages. */
    form: Type.Optional(Type.Enum(["multipart", "json"])),
    observation: Type.Optional(Observation),
  }),
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

/** What the robot is told to do. */
const Command = closed({
  ttl_ms,
  /** Of labels: one that is not listed makes no command. */
  by_label: Type.Optional(Type.Record(Type.String(), closed({ action, params }))),
  /** Of chunks: each step as it falls due, with `params` that hold the step's numbers by their labels. */
  each_step: Type.Optional(closed({ action })),
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
export type ContainerModel = Extract<ModelOptions, { runtime: "container" }>;

/** The data types of pictures, with what the policy's server calls them. */
export function picturesOf({ model }: PolicyFile): Readonly<Record<string, string>> {
  return (model.runtime === "container" ? model.observation?.pictures : undefined) ?? {};
}
