/** Writes the table that a policy's model is trained on, with the very preprocessing that serves it. */
import { preview, type RawPacket } from "@physical-ai/unity-protocol";
import type { Policy } from "../policies/policy.ts";
import { fieldOf } from "../preprocessing/decode.ts";
import { createPipeline } from "../preprocessing/pipeline.ts";
import { parseStoredRow } from "./stored-row.ts";

/** A line of stored data that cannot be used. */
export class StoredRowError extends Error {
  /** From 1. */
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.name = "StoredRowError";
    this.line = line;
  }
}

/** The fields of `val` that tell what a row is an example of, and which recording it belongs to. */
export interface FeatureTableOptions {
  readonly label: string;
  readonly group: string;
}

/**
 * Yields the lines of a CSV, header first: `group,<features…>,label`, one for each vector that the model would get. Rows
 * of other types and robots are passed over. Label and group are those of the newest packet in the vector.
 *
 * @param lines NDJSON, in the order of time
 * @throws StoredRowError
 */
export async function* featureTable(
  policy: Policy,
  lines: AsyncIterable<string> | Iterable<string>,
  options: FeatureTableOptions,
): AsyncGenerator<string> {
  const pipeline = createPipeline(policy);
  yield csvLine(["group", ...policy.featureNames, "label"]);
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === "") continue;
    const packet = parseStoredRow(line);
    if (!packet.ok) throw new StoredRowError(number, packet.problem);
    if (!listensTo(policy, packet.value)) continue;
    const processed = pipeline.push(packet.value);
    if (processed.kind === "invalid") throw new StoredRowError(number, processed.problem);
    if (processed.kind === "absorbed") continue;
    const label = textOf(fieldOf(packet.value.val, options.label));
    if (label === undefined) {
      const came = preview(fieldOf(packet.value.val, options.label));
      throw new StoredRowError(number, `val.${options.label} must be the label (text or a number); got ${came}`);
    }
    yield csvLine([textOf(fieldOf(packet.value.val, options.group)) ?? "0", ...processed.features.map(String), label]);
  }
}

function listensTo({ definition: { listens_to: wanted } }: Policy, { type, robot_type }: RawPacket): boolean {
  return wanted.types.includes(type) && (wanted.robot_types?.includes(robot_type) ?? true);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** RFC 4180, with line feeds. */
function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${quoted.join(",")}\n`;
}
