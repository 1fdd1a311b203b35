/** Policies and stored rows for tests. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPolicies, type Policy } from "@physical-ai/policy";
import { onTestFinished } from "vitest";
import type { StoredTelemetry } from "../rows/stored-rows.ts";

/** A folder that goes when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "training-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A policy on windows of two pairs, which never reach from one `block` into another; its model need not be there. */
export async function pairPolicy(): Promise<Policy> {
  const folder = await temporaryFolder();
  const text = `name: pair
description: Which of two numbers is larger.
listens_to: { types: [pair], robot_types: [EP01], delivery: every, field: xy, channels: 2, names: [x, y] }
continuity: { reset_on: block }
preprocess: [{ step: window, size: 2 }, { step: summary, statistics: [mean, max] }]
model: { runtime: onnx, file: pair.onnx }
output: { kind: classification, labels: [a, b] }
deadline_ms: 200
`;
  await writeFile(join(folder, "pair.yaml"), text);
  const [policy] = await loadPolicies(folder, { models: "optional" });
  if (policy === undefined) throw new Error("expected a policy");
  return policy;
}

/** A row of a robot; `seq` also gives its times, 100 ms apart. */
export function storedRow(seq: number, value: unknown, rest: Partial<StoredTelemetry> = {}): StoredTelemetry {
  const at = 1_700_000_000_000 + seq * 100;
  return {
    id: String(seq),
    robotId: "r1",
    robotType: "EP01",
    dataType: "pair",
    value,
    createdAtMs: at,
    receivedAtMs: at,
    streamId: "7d9f3a52-0c1e-4b6e-9a44-0123456789ab",
    seq,
    ...rest,
  };
}
