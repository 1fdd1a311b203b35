import { expect, test } from "vitest";
import { directoryOf, linearSoftmax, loadPolicyOf, policyText } from "../testing/packets.ts";
import { loadPolicies } from "./load.ts";
import { PolicyError } from "./policy.ts";

/** What is wrong with these files: `file:line:column: message`, without the directory. */
async function problemsOf(files: Record<string, string>): Promise<string[]> {
  const directory = await directoryOf(files);
  const outcome = await loadPolicies(directory).catch((error: unknown) => error);
  if (!(outcome instanceof PolicyError)) throw new Error("expected a PolicyError", { cause: outcome });
  const prefix = `${directory}/`;
  return outcome.message.split("\n").map((line) => line.replaceAll(prefix, ""));
}

test("a policy knows its features, its model file and its defaults", async () => {
  const policy = await loadPolicyOf({
    listens_to: "listens_to: { types: [pair], delivery: every, channels: 2, names: [x, y] }",
    preprocess: "preprocess: [{ step: window, size: 3 }, { step: summary, statistics: [min, mean] }]",
  });
  expect(policy.featureNames).toEqual(["x.min", "x.mean", "y.min", "y.mean"]);
  expect(policy.pathOf(linearSoftmax)).toBe(linearSoftmax);
});

test("channels without names are numbered from 1; a bare window is flattened", async () => {
  const policy = await loadPolicyOf({
    listens_to: "listens_to: { types: [pair], delivery: every, field: xy, channels: 2 }",
    preprocess: "preprocess: [{ step: window, size: 2 }]",
  });
  expect(policy.featureNames).toEqual(["xy_1[0]", "xy_2[0]", "xy_1[1]", "xy_2[1]"]);
});

test.each<[what: string, changes: Record<string, string>, problem: string]>([
  ["a syntax error", { name: "name: [pair" }, "p.yaml:2:1: "],
  ["a key twice", { name: "name: pair\nname: pair" }, "p.yaml:2:1: Map keys must be unique"],
  ["an alias of nothing", { name: "name: *pair" }, "p.yaml:1:7: *pair has no anchor &pair"],
  ["an unknown key", { name: "name: pair\nnmae: pair" }, "p.yaml:2:1: nmae is an unknown key"],
  ["a missing key", { deadline_ms: "" }, "p.yaml:1:1: deadline_ms is missing"],
  ["a wrong value", { deadline_ms: "deadline_ms: soon" }, 'p.yaml:7:14: deadline_ms must be number; got "soon"'],
  [
    "an unknown step",
    { preprocess: "preprocess:\n  - step: medain" },
    "p.yaml:5:11: preprocess.0.step must be one of median, ",
  ],
  [
    "a step's option",
    { preprocess: "preprocess:\n  - step: median\n    size: 0" },
    "p.yaml:6:11: preprocess.0.size must be >= 1; got 0",
  ],
  [
    "a step's unknown option",
    { preprocess: "preprocess:\n  - { step: median, size: 3, sise: 3 }" },
    "p.yaml:5:30: preprocess.0.sise is an unknown key",
  ],
  [
    "a step's missing option",
    { preprocess: "preprocess:\n  - step: median" },
    "p.yaml:5:5: preprocess.0.size is missing",
  ],
  [
    "a step that does not fit",
    { preprocess: "preprocess:\n  - step: summary\n    statistics: [mean]" },
    "p.yaml:5:11: preprocess.0.step needs a window before it",
  ],
  [
    "an unknown runtime",
    { model: "model: { runtime: tnno, file: x }" },
    'p.yaml:5:19: model.runtime must be one of onnx, remote, container; got "tnno"',
  ],
  [
    "a missing model",
    { model: "model: { runtime: onnx, file: none.onnx }" },
    "p.yaml:5:31: model.file must be a file; found none at none.onnx",
  ],
  [
    "a server without a place",
    { model: "model: { runtime: container }" },
    "p.yaml:5:8: model must name a framework, or the endpoint of a server that runs elsewhere",
  ],
  [
    "a server with two places",
    { model: "model: { runtime: remote, endpoint: tcp://a:1, container: { framework: reference } }" },
    "p.yaml:5:8: model must name a container, or the endpoint of a server that runs elsewhere",
  ],
  [
    "an unknown wire",
    { model: "model: { runtime: remote, endpoint: tcp://a:1, wire: carrier-pigeon }" },
    "p.yaml:5:54: model.wire must be one of zmq; got",
  ],
  [
    "a container's amount of memory",
    { model: "model: { runtime: remote, container: { framework: reference, memory: lots } }" },
    "p.yaml:5:70: model.container.memory: expected an amount of memory",
  ],
  [
    "a chunk of a model that gives none",
    { output: "output: { kind: action_chunk, labels: [a], dt_ms: 50 }" },
    "p.yaml:6:17: output.kind action_chunk needs model.runtime remote",
  ],
  [
    "an amount of memory",
    { model: "model: { runtime: container, framework: reference, memory: lots }" },
    "p.yaml:5:60: model.memory: expected an amount of memory",
  ],
  [
    "a framework",
    { model: "model: { runtime: container, framework: none }" },
    "p.yaml:5:41: model.framework must be one of lerobot,",
  ],
  [
    "a picture that is taken for numbers",
    {
      model: "model: { runtime: container, endpoint: tcp://a:1, observation: { pictures: { pair: x } } }",
      output: "output: { kind: action_chunk, labels: [a], dt_ms: 50 }",
    },
    "p.yaml:5:84: model.observation.pictures.pair must not be in listens_to.types",
  ],
  [
    "a command of another kind of output",
    { command: "command: { each_step: { action: wheels } }" },
    "p.yaml:8:10: command.each_step does not go with output.kind classification",
  ],
  [
    "a delivery",
    { listens_to: "listens_to: { types: [pair], delivery: some, channels: 2 }" },
    "p.yaml:3:40: listens_to.delivery must be one of latest, every",
  ],
  [
    "names",
    { listens_to: "listens_to: { types: [pair], delivery: every, channels: 2, names: [x] }" },
    "p.yaml:3:67: listens_to.names must have 2 entries",
  ],
  [
    "a command's label",
    { command: "command: { by_label: { d: { action: stop } } }" },
    "p.yaml:8:24: command.by_label.d must be one of output.labels: a, b, c",
  ],
  [
    "a repeated label",
    { output: "output: { kind: action, labels: [a, a] }" },
    "p.yaml:6:33: output.labels must not have duplicate items",
  ],
  [
    "a message's placeholder",
    { output: 'output: { kind: action, labels: [a], message: { text: "{pc}" } }' },
    "p.yaml:6:55: output.message.text may hold {label} and {percent}; got {pc}",
  ],
  [
    "a percentage of nothing",
    { output: 'output: { kind: action, labels: [a], message: { text: "{percent}" } }' },
    "p.yaml:6:47: output.message.percent_of is missing",
  ],
  [
    "a percentage of an unknown label",
    { output: 'output: { kind: action, labels: [a], message: { text: "{percent}", percent_of: [b] } }' },
    "p.yaml:6:80: output.message.percent_of must name labels of output.labels: a; got b",
  ],
  [
    "no mapping at all",
    { name: "- 1", description: "", listens_to: "", preprocess: "", model: "", output: "", deadline_ms: "" },
    "p.yaml:1:1: a policy must be object; got an array of 1",
  ],
])("names file, line and column of %s", async (_, changes, problem) => {
  const problems = await problemsOf({ "p.yaml": policyText(changes) });
  expect(problems).toContainEqual(expect.stringContaining(problem));
});

test.each<[what: string, legacy: string, today: string]>([
  [
    "a container",
    "{ runtime: container, framework: reference, options: { labels: '4' }, memory: 2g, form: json }",
    "{ runtime: remote, container: { framework: reference, options: { labels: '4' }, memory: 2g }, form: json }",
  ],
  [
    "an endpoint",
    "{ runtime: container, endpoint: tcp://a:1, observation: { state: s } }",
    "{ runtime: remote, endpoint: tcp://a:1, observation: { state: s } }",
  ],
])("the legacy spelling of %s goes on working", async (_, legacy, today) => {
  const output = "output: { kind: action_chunk, labels: [a], dt_ms: 50 }";
  const [before, now] = await Promise.all(
    [legacy, today].map((model) => loadPolicyOf({ model: `model: ${model}`, output })),
  );
  expect(before?.definition).toEqual(now?.definition);
});

test("a mistake is one problem", async () => {
  expect(await problemsOf({ "p.yaml": policyText({ deadline_ms: "deadline_ms: 0" }) })).toHaveLength(1);
  expect(await problemsOf({ "p.yaml": policyText({ name: "nmae: pair" }) })).toHaveLength(2);
});

test("names everything that is wrong in all files", async () => {
  const problems = await problemsOf({
    "a.yaml": policyText({ name: "name: 3", preprocess: "preprocess: [{ step: median, size: x }]", deadline_ms: "" }),
    "b.yaml": "}",
    "c.yaml": policyText(),
    "d.yaml": policyText(),
  });
  const places = problems.map((line) => line.split(":").slice(0, 2).join(":"));
  expect(new Set(places)).toEqual(new Set(["a.yaml:1", "a.yaml:4", "b.yaml:1", "d.yaml:1"]));
  expect(problems).toContainEqual(expect.stringContaining("deadline_ms is missing"));
});

test("training needs no model", async () => {
  const directory = await directoryOf({ "p.yaml": policyText({ model: "model: { runtime: onnx, file: none.onnx }" }) });
  expect(await loadPolicies(directory, { models: "optional" })).toHaveLength(1);
});

test("says when there is nothing to load", async () => {
  const empty = await directoryOf({});
  await expect(loadPolicies(empty)).rejects.toThrow(`${empty}: expected policy files (*.yaml); found none: name their`);
  await expect(loadPolicies("does-not-exist")).rejects.toThrow("does-not-exist: expected a directory of policy files");
});
