/** From a row of a model's output to what it means for people and robots. */
import { randomUUID } from "node:crypto";
import type { PredictedCommand, Prediction } from "@physical-ai/unity-protocol";
import type { OutputOptions, PolicyFile } from "../file/schema.ts";

/** The part of a prediction that comes out of the model. */
export type Meaning = Pick<
  Prediction,
  "kind" | "label" | "confidence" | "scores" | "values" | "action" | "message" | "command"
>;

/** A label's score, or a quantity's value. */
type Named = readonly [label: string, value: number];

/**
 * @param row one number a label of the policy; of a chunk, one a label for each step
 * @throws RangeError when the model gave something that is no number
 */
export function interpret({ output, command }: Pick<PolicyFile, "output" | "command">, row: Float32Array): Meaning {
  const { labels } = output;
  const bad = row.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    throw new RangeError(`the model must give a number for ${labels[bad % labels.length]}; got ${row[bad]}`);
  }
  if (output.kind === "action_chunk") {
    return { kind: "action", action: { steps: stepsOf(row, labels.length), dt_ms: output.dt_ms } };
  }
  const named = labels.map((label, column): Named => [label, row[column] ?? 0]);
  if (output.kind === "regression") return { kind: output.kind, values: Object.fromEntries(named) };

  const [label, score] = named.reduce((best, next) => (next[1] > best[1] ? next : best));
  const predicted = commandFor(command, label);
  return {
    kind: output.kind,
    label,
    // Rounding in a model may lead a little beyond.
    confidence: Math.min(1, Math.max(0, score)),
    scores: Object.fromEntries(named),
    ...(output.message === undefined ? {} : { message: sentence(output.message, label, named) }),
    ...(predicted === undefined ? {} : { command: predicted }),
  };
}

function stepsOf(row: Float32Array, columns: number): number[][] {
  return Array.from({ length: row.length / columns }, (_, step) => [
    ...row.subarray(step * columns, (step + 1) * columns),
  ]);
}

type Message = NonNullable<Extract<OutputOptions, { message?: unknown }>["message"]>;

function sentence({ text, percent_of: percentOf = [] }: Message, label: string, scores: readonly Named[]): string {
  const counted = scores.filter(([name]) => percentOf.includes(name));
  const percent = Math.round(100 * counted.reduce((sum, [, score]) => sum + score, 0));
  return text.replaceAll("{label}", label).replaceAll("{percent}", String(percent));
}

function commandFor(command: PolicyFile["command"], label: string): PredictedCommand | undefined {
  const choices = command?.by_label ?? {};
  const chosen = Object.hasOwn(choices, label) ? choices[label] : undefined;
  if (command === undefined || chosen === undefined) return undefined;
  const ttl = command.ttl_ms === undefined ? {} : { ttl_ms: command.ttl_ms };
  return { ...chosen, ...ttl, command_id: randomUUID() };
}
