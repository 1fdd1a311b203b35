/** What a schema cannot say: that the parts of a policy fit each other. */
import type { PolicyFile } from "./policy-file.ts";
import type { Finding } from "./schema-problems.ts";

const placeholders = ["label", "percent"];

/** Every contradiction between the parts of a well-formed policy. */
export function consistencyFindings(policy: PolicyFile): Finding[] {
  return [...channelNames(policy), ...commandLabels(policy), ...message(policy)];
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

function commandLabels({ command, output }: PolicyFile): Finding[] {
  if (command === undefined) return [];
  if (output.kind === "regression") {
    return [{ path: ["command"], message: "command needs an output with labels to choose by; got regression" }];
  }
  return Object.keys(command.by_label)
    .filter((label) => !output.labels.includes(label))
    .map((label) => ({
      path: ["command", "by_label", label],
      message: `command.by_label.${label} must be one of output.labels: ${output.labels.join(", ")}`,
      unknownKey: true,
    }));
}

function message({ output }: PolicyFile): Finding[] {
  if (output.kind === "regression" || output.message === undefined) return [];
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
