/** What a schema cannot say: that the parts of a policy fit each other. */
import { messageOf } from "@physical-ai/service/errors";
import { type ContainerOptions, parseMemory } from "./container.ts";
import type { Finding, Path } from "./findings.ts";
import type { LegacyModel, RemoteModel, WrittenPolicyFile } from "./schema.ts";

const placeholders = ["label", "percent"];

/** Every contradiction between the parts of a well-formed policy. */
export function consistencyFindings(policy: WrittenPolicyFile): Finding[] {
  return [...channelNames(policy), ...server(policy), ...command(policy), ...message(policy)];
}

function channelNames({ listens_to: { channels, names } }: WrittenPolicyFile): Finding[] {
  if (names === undefined || names.length === channels) return [];
  return [
    {
      path: ["listens_to", "names"],
      message: `listens_to.names must have ${channels} entries, one a channel; got ${names.length}`,
    },
  ];
}

function server({ model, output, listens_to: { types } }: WrittenPolicyFile): Finding[] {
  if (model.runtime === "onnx") {
    if (output.kind !== "action_chunk") return [];
    return [{ path: ["output", "kind"], message: "output.kind action_chunk needs model.runtime remote" }];
  }
  const { observation } = model;
  const pictures = Object.keys(observation?.pictures ?? {});
  return [
    ...place(model),
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

/** A container or an endpoint, and not both. */
function place(model: RemoteModel | LegacyModel): Finding[] {
  const [what, named, container, at]: [string, unknown, Partial<ContainerOptions> | undefined, Path] =
    model.runtime === "remote"
      ? ["container", model.container, model.container, ["model", "container"]]
      : ["framework", model.framework, model, ["model"]];
  const unclear = (named === undefined) === (model.endpoint === undefined);
  const message = `model must name a ${what}, or the endpoint of a server that runs elsewhere`;
  return [...(unclear ? [{ path: ["model"], message }] : []), ...memory(container?.memory, [...at, "memory"])];
}

function memory(amount: string | undefined, path: Path): Finding[] {
  if (amount === undefined) return [];
  try {
    parseMemory(amount);
    return [];
  } catch (error) {
    return [{ path, message: `${path.join(".")}: ${messageOf(error)}` }];
  }
}

function command({ command, output }: WrittenPolicyFile): Finding[] {
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

function message({ output }: WrittenPolicyFile): Finding[] {
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
