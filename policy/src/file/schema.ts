/** What a policy file (`policies/*.yaml`) may say. Unknown keys are errors: a misspelt one is never ignored. */
import { PolicySubscription, PredictedCommand } from "@physical-ai/unity-protocol";
import Type, { type Static } from "typebox";
import { closed } from "../preprocessing/step.ts";
import { type StepOptions, stepKinds } from "../preprocessing/steps.ts";
import { ContainerOptions } from "./container.ts";

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

/** How a policy server is spoken to. */
const wireNames = ["zmq"] as const;
export type WireName = (typeof wireNames)[number];

/** As in `tcp://gpu-box:5555`. */
const Endpoint = Type.String({ pattern: "^(tcp|ipc)://." });

const conversation = {
  /** `zmq` when missing. */
  wire: Type.Optional(Type.Enum(wireNames)),
  /** Of the wire `zmq`: `json` for servers that know no multipart messages. */
  form: Type.Optional(Type.Enum(["multipart", "json"])),
  observation: Type.Optional(Observation),
};

/** What computes the output, by `runtime`. */
export const modelSchemas = {
  /** An ONNX file; its path is relative to the policy file. */
  onnx: closed({ runtime: Type.Literal("onnx"), file: Type.String({ minLength: 1 }) }),
  /** A policy server: a place, which is either a `container` of its own or an `endpoint` elsewhere, and a `wire`. */
  remote: closed({
    runtime: Type.Literal("remote"),
    container: Type.Optional(ContainerOptions),
    endpoint: Type.Optional(Endpoint),
    ...conversation,
  }),
  /** Legacy spelling of `remote`, with the container's options beside `endpoint`. */
  container: closed({
    runtime: Type.Literal("container"),
    ...Type.Partial(ContainerOptions).properties,
    endpoint: Type.Optional(Endpoint),
    ...conversation,
  }),
} as const;
type WrittenModel = Static<(typeof modelSchemas)[keyof typeof modelSchemas]>;
export type LegacyModel = Extract<WrittenModel, { runtime: "container" }>;
type ModelOptions = Exclude<WrittenModel, LegacyModel>;
export type RemoteModel = Extract<ModelOptions, { runtime: "remote" }>;

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
  preprocess: Type.Array(Type.Object({ step: Type.Enum(Object.keys(stepKinds)) })),
  model: Type.Object({ runtime: Type.Enum(Object.keys(modelSchemas)) }),
  output: Type.Object({ kind: Type.Enum(Object.keys(outputSchemas)) }),
});

/** A policy file that is valid, whatever its spelling was. */
export type PolicyFile = Omit<Static<typeof PolicyOutline>, "preprocess" | "model" | "output"> & {
  preprocess: StepOptions[];
  model: ModelOptions;
  output: OutputOptions;
};

/** A policy file that is valid, as it was written. */
export type WrittenPolicyFile = Omit<PolicyFile, "model"> & { model: WrittenModel };

/** The one place that knows the legacy spelling's meaning. */
export function normalise({ model, ...file }: WrittenPolicyFile): PolicyFile {
  return { ...file, model: model.runtime === "container" ? remoteOf(model) : model };
}

function remoteOf({ runtime: _, framework, ...legacy }: LegacyModel): RemoteModel {
  const { endpoint, wire, form, observation, ...options } = legacy;
  return {
    runtime: "remote",
    ...(framework !== undefined && { container: { framework, ...options } }),
    ...(endpoint !== undefined && { endpoint }),
    ...(wire !== undefined && { wire }),
    ...(form !== undefined && { form }),
    ...(observation !== undefined && { observation }),
  };
}

/** The data types of pictures, with what the policy's server calls them. */
export function picturesOf({ model }: PolicyFile): Readonly<Record<string, string>> {
  return (model.runtime === "remote" ? model.observation?.pictures : undefined) ?? {};
}
