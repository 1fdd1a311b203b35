/** `npm run policy -- evaluate`: opens what an evaluation needs, and closes it. */
import { existsSync } from "node:fs";
import { databaseUrlOf, openReadingPool } from "@physical-ai/db";
import { requireTablePlace, showProgress } from "@physical-ai/export";
import { openRuntime, type Policy, policyNamed, withModel } from "@physical-ai/policy";
import { wires } from "@physical-ai/policy-wires";
import type { Pool } from "pg";
import { pino } from "pino";
import type { EvaluateCommandOptions } from "./config.ts";
import { writeDifferences } from "./evaluation/differences.ts";
import { type Evaluation, evaluate } from "./evaluation/evaluate.ts";
import { requireModelPath } from "./models/model-file.ts";

/** Evaluates, and writes the rows that differ most where that is wanted. */
export async function runEvaluation(options: EvaluateCommandOptions): Promise<Evaluation> {
  const { out } = options;
  if (out !== undefined) await requireTablePlace(out);
  const policy = await policyToEvaluate(options);
  // The evaluation tells of a broken connection itself. One connection reads rows, the other what was predicted then.
  const pool = openReadingPool(await databaseUrlOf(options), () => undefined, 2);
  try {
    const evaluation = await evaluateOn(pool, policy, options);
    if (out !== undefined) await writeDifferences(out, evaluation.differences);
    return evaluation;
  } finally {
    await pool.end();
  }
}

async function policyToEvaluate({ policy: name, policies, model }: EvaluateCommandOptions): Promise<Policy> {
  const policy = await policyNamed(name, policies, { models: model === undefined ? "required" : "optional" });
  const file = model ?? requireModelPath(policy);
  if (existsSync(file)) return withModel(policy, file);
  throw new Error(`expected an ONNX file at ${file}; there is none`);
}

async function evaluateOn(pool: Pool, policy: Policy, options: EvaluateCommandOptions): Promise<Evaluation> {
  const { robot: robots, since, until, label: field, labelType: type } = options;
  const runtime = await openRuntime({ logger: pino({ level: "silent" }), wires }, policy);
  const progress = showProgress("rows read");
  try {
    const labels = { field, type };
    const onRows = (rows: number) => progress.scanned(rows);
    return await evaluate({ pool, runtime }, policy, { robots, since, until, labels, onRows });
  } finally {
    progress.end();
    await runtime.close();
  }
}
