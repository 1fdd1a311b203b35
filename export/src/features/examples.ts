/** From stored rows to the inputs of a policy's model: the worker's own preprocessing, run over the past. */

import { fieldOf, Pipeline, type Policy } from "@physical-ai/policy";
import type { RawPacket } from "@physical-ai/unity-protocol";
import type { TelemetrySelection } from "../rows/selection.ts";
import type { StoredTelemetry } from "../rows/stored-rows.ts";

/** A row that completes a model's input. */
export interface Example {
  readonly row: StoredTelemetry;
  /** The model's inputs, in the order of `policy.featureNames`. */
  readonly features: readonly number[];
  readonly label: string | undefined;
}

/** What became of the rows. */
export interface RowCounts {
  rows: number;
  examples: number;
  /** Kept by the steps for a later example. */
  absorbed: number;
  /** Did not hold the numbers that the policy expects. */
  invalid: number;
  /** Why the first of them did not. */
  problem: string | undefined;
}

/** Takes rows in the order of time. */
export class LabelledExamples {
  readonly #pipeline: Pipeline;
  readonly #labels: Labels;
  readonly #types: readonly string[];
  readonly #counts: RowCounts = { rows: 0, examples: 0, absorbed: 0, invalid: 0, problem: undefined };

  constructor(policy: Policy, labelSource: LabelSource) {
    this.#pipeline = new Pipeline(policy);
    this.#labels = new Labels(labelSource);
    this.#types = policy.definition.listens_to.types;
  }

  get counts(): Readonly<RowCounts> {
    return this.#counts;
  }

  /** Takes the next rows. */
  take(rows: readonly StoredTelemetry[]): Example[] {
    return rows.flatMap((row) => this.#exampleOf(row));
  }

  #exampleOf(row: StoredTelemetry): Example[] {
    const counts = this.#counts;
    const label = this.#labels.of(row);
    if (!this.#types.includes(row.dataType)) return [];
    counts.rows += 1;
    const processed = this.#pipeline.push(packetOf(row));
    if (processed.kind === "vector") {
      counts.examples += 1;
      return [{ row, features: processed.features, label }];
    }
    counts[processed.kind] += 1;
    if (processed.kind === "invalid") counts.problem ??= `row ${row.id}: ${processed.problem}`;
    return [];
  }
}

/** The rows that a policy hears, and those with their labels. */
export function rowsFor(
  { definition: { listens_to: wanted } }: Policy,
  { type }: LabelSource,
  selection: Pick<TelemetrySelection, "robots" | "since" | "until">,
): TelemetrySelection {
  const types = type === undefined ? wanted.types : [...wanted.types, type];
  return { ...selection, robotTypes: wanted.robot_types, types };
}

/** The packet as the worker received it; the times are the database's. */
function packetOf({ robotId, robotType, dataType, value, createdAtMs, streamId, seq }: StoredTelemetry): RawPacket {
  return {
    robot_id: robotId,
    robot_type: robotType,
    type: dataType,
    val: value,
    ts: createdAtMs,
    received_at: createdAtMs,
    ...(streamId === undefined ? {} : { stream_id: streamId }),
    ...(seq === undefined ? {} : { seq }),
  };
}

/** Where the labels are. */
export interface LabelSource {
  /** The field of `val` with the label. */
  readonly field: string;
  /** The data type of packets that say what their robot's packets are from then on; when missing, each says it itself. */
  readonly type?: string | undefined;
}

/** Knows the label of every packet, as long as it sees them in the order of time. */
class Labels {
  readonly #source: LabelSource;
  /** By robot. */
  readonly #newest = new Map<string, string | undefined>();

  constructor(source: LabelSource) {
    this.#source = source;
  }

  /** Text; undefined where nobody has said it. */
  of({ robotId, dataType, value }: StoredTelemetry): string | undefined {
    const { field, type } = this.#source;
    if (type === undefined) return textOf(fieldOf(value, field));
    // A packet of labels may hold nothing but the label.
    if (dataType === type) this.#newest.set(robotId, textOf(value) ?? textOf(fieldOf(value, field)));
    return this.#newest.get(robotId);
  }
}

/** Labels and groups are text or numbers. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
