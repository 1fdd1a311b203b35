/** What a schema cannot say: that the parts of a policy fit each other. */
import { messageOf } from "@physical-ai/service/errors";
import { parseMemory } from "./memory.ts";
import type { PolicyFile } from "./policy-file.ts";
import type { Finding } from "./schema-problems.ts";

const placeholders = ["label", "percent"];

/** Every contradiction between the parts of a well-formed policy. */
export function consistencyFindings(policy: PolicyFile): Finding[] {
  return [...channelNames(policy), ...server(policy), ...command(policy), ...message(policy)];
}

function channelNames({ listens_to: { channels, names } }: PolicyFile): Finding[] {
  if (names === undefined || names.length === channels) return [];
  return [
    {
      path: ["listens_to", "names"],
      message: `listens_to.names must have ${channels} entries, one a channel; got ${names.length}`,
    },
  ];
}

function server({ model, output, listens_to: { types } }: PolicyFile): Finding[] {
  if (model.runtime !== "container") {
    if (output.kind !== "action_chunk") return [];
    return [{ path: ["output", "kind"], message: "output.kind action_chunk needs model.runtime container" }];
  }
  const { framework, endpoint, observation, memory } = model;
  const pictures = Object.keys(observation?.pictures ?? {});
  return [
    ...((framework === undefined) === (endpoint === undefined)
      ? [{ path: ["model"], message: "model must name a framework, or the endpoint of a server that runs elsewhere" }]
      : []),
    ...(memory === undefined ? [] : memoryProblem(memory)),
    ...(observation !== undefined && output.kind !== "action_chunk"
      ? [{ path: ["model", "observation"], message: "model.observation needs output.kind action_chunk" }]
      : []),
    ...pictures
      .filter((type) => types.includes(type))
      .map((type) => ({
        path: ["model", "observation", "pictures", type],
        message: `model.observation.pictures.${type} must not be in listens_to.types, which hold the numbers`,
      })),
  ];
}

function memoryProblem(memory: string): Finding[] {
  try {
    parseMemory(memory);
    return [];
  } catch (error) {
    return [{ path: ["model", "memory"], message: `model.memory: ${messageOf(error)}` }];
  }
}

function command({ command, output }: PolicyFile): Finding[] {
  if (command === undefined) return [];
  if (output.kind === "regression") {
    return [{ path: ["command"], message: "command needs an output with labels to choose by; got regression" }];
  }
  const [needed, other] =
    output.kind === "action_chunk" ? (["each_step", "by_label"] as const) : (["by_label", "each_step"] as const);
  const misplaced =
    command[other] === undefined ? [] : [`command.${other} does not go with output.kind ${output.kind}`];
  const missing = command[needed] === undefined ? [`command.${needed} is missing`] : [];
  return [
    ...[...misplaced, ...missing].map((text) => ({ path: ["command"], message: text })),
    ...Object.keys(command.by_label ?? {})
      .filter((label) => !output.labels.includes(label))
      .map((label) => ({
        path: ["command", "by_label", label],
        message: `command.by_label.${label} must be one of output.labels: ${output.labels.join(", ")}`,
        unknownKey: true,
      })),
  ];
}

function message({ output }: PolicyFile): Finding[] {
  if (!("message" in output) || output.message === undefined) return [];
  const { text, percent_of: percentOf } = output.message;
  const at = ["output", "message"];
  const unknown = [...text.matchAll(/\{(\w*)\}/g)].flatMap(([, name = ""]) =>
    placeholders.includes(name) ? [] : [name],
  );
  const strange = percentOf?.filter((label) => !output.labels.includes(label)) ?? [];
  return [
    ...unknown.map((name) => ({
      path: [...at, "text"],
      message: `output.message.text may hold {label} and {percent}; got {${name}}`,
    })),
    ...strange.map((label) => ({
      path: [...at, "percent_of"],
      message: `output.message.percent_of must name labels of output.labels: ${output.labels.join(", ")}; got ${label}`,
    })),
    ...(text.includes("{percent}") && percentOf === undefined
      ? [{ path: at, message: "output.message.percent_of is missing: text says {percent}" }]
      : []),
  ];
}
