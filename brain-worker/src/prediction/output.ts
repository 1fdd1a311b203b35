/** From a row of a model's output to what it means for people and robots. */
import { randomUUID } from "node:crypto";
import type { PredictedCommand, Prediction } from "@physical-ai/unity-protocol";
import type { OutputOptions, PolicyFile } from "../policies/policy-file.ts";

/** The part of a prediction that comes out of the model. */
export type Meaning = Pick<Prediction, "kind" | "label" | "confidence" | "scores" | "values" | "message" | "command">;

/** A label's score, or a quantity's value. */
type Named = readonly [label: string, value: number];

/**
 * @param row one number a label of the policy
 * @throws RangeError when the model gave something that is no number
 */
export function interpret({ output, command }: Pick<PolicyFile, "output" | "command">, row: Float32Array): Meaning {
  const named = output.labels.map((label, column): Named => [label, row[column] ?? Number.NaN]);
  const bad = named.find(([, value]) => !Number.isFinite(value));
  if (bad !== undefined) throw new RangeError(`the model must give a number for ${bad[0]}; got ${bad[1]}`);
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

type Message = NonNullable<Extract<OutputOptions, { message?: unknown }>["message"]>;

function sentence({ text, percent_of: percentOf = [] }: Message, label: string, scores: readonly Named[]): string {
  const counted = scores.filter(([name]) => percentOf.includes(name));
  const percent = Math.round(100 * counted.reduce((sum, [, score]) => sum + score, 0));
  return text.replaceAll("{label}", label).replaceAll("{percent}", String(percent));
}

function commandFor(command: PolicyFile["command"], label: string): PredictedCommand | undefined {
  if (command === undefined || !Object.hasOwn(command.by_label, label)) return undefined;
  const chosen = command.by_label[label];
  if (chosen === undefined) return undefined;
  const ttl = command.ttl_ms === undefined ? {} : { ttl_ms: command.ttl_ms };
  return { ...chosen, ...ttl, command_id: randomUUID() };
}
