/** Packets and policies for tests. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RawPacket } from "@physical-ai/unity-protocol";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { loadPolicies } from "../file/load.ts";
import type { Policy } from "../file/policy.ts";

export const silent = pino({ level: "silent" });
export const streamId = "7d9f3a52-0c1e-4b6e-9a44-0123456789ab";

/** softmax(features · [[1, 0, −1], [0, 1, 0]]): the larger of two features decides between `a` and `b`. */
export const linearSoftmax = fileURLToPath(new URL("../onnx/fixtures/linear-softmax.onnx", import.meta.url));

/** The same model as another file: what is appended is a note of one letter (`doc_string`) in its protobuf. */
export async function otherVersion(note = "2"): Promise<Uint8Array> {
  return Buffer.concat([await readFile(linearSoftmax), Buffer.from([0x32, 1, note.charCodeAt(0)])]);
}

/** A packet of a robot; `seq` also gives its times, 100 ms apart. */
export function rawPacket(seq: number, val: unknown, rest: Partial<RawPacket> = {}): RawPacket {
  const at = 1_700_000_000_000 + seq * 100;
  return {
    robot_id: "r1",
    robot_type: "EP01",
    type: "pair",
    val,
    ts: at,
    received_at: at,
    stream_id: streamId,
    seq,
    ...rest,
  };
}

/** The text of a valid policy file; `changes` replace whole top-level sections. */
export function policyText(changes: Record<string, string> = {}): string {
  const sections: Record<string, string> = {
    name: "name: pair",
    description: "description: Which of two numbers is larger.",
    listens_to: "listens_to: { types: [pair], delivery: every, channels: 2 }",
    preprocess: "preprocess: []",
    model: `model: { runtime: onnx, file: ${JSON.stringify(linearSoftmax)} }`,
    output: "output: { kind: classification, labels: [a, b, c] }",
    deadline_ms: "deadline_ms: 200",
    ...changes,
  };
  return `${Object.values(sections).join("\n")}\n`;
}

/** A directory with these files; removed when the test is over. */
export async function directoryOf(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "policies-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text)));
  return directory;
}

/** The policy of `policyText`. */
export async function loadPolicyOf(changes: Record<string, string> = {}): Promise<Policy> {
  const [policy] = await loadPolicies(await directoryOf({ "pair.yaml": policyText(changes) }));
  if (policy === undefined) throw new Error("expected one policy");
  return policy;
}
