/** Writes the table that a policy's model is trained on, with the very preprocessing that serves it. */

import { fieldOf, type Policy } from "@physical-ai/policy";
import type { Pool } from "pg";
import type { TelemetrySelection } from "../rows/selection.ts";
import { readTelemetry } from "../rows/stored-rows.ts";
import { type TableColumn, type TableRow, writeTable } from "../table-file.ts";
import { type Example, LabelledExamples, type LabelSource, type RowCounts, rowsFor, textOf } from "./examples.ts";

export interface FeatureExportOptions extends Pick<TelemetrySelection, "robots" | "since" | "until"> {
  /** `*.csv` or `*.parquet` */
  readonly out: string;
  readonly labels: LabelSource;
  /** The field of `val` that tells the recording which a row belongs to; `0` where a row has none. */
  readonly group: string;
  /** Told of so many more rows that were read. */
  readonly onRows?: (rows: number) => void;
}

/** What was written, and what was not. */
export interface FeatureReport extends RowCounts {
  written: number;
  /** Examples that nobody had labelled: they are left out. */
  unlabelled: number;
}

/**
 * Writes one row for each input that the model would get: `group`, the features, `label`, in the order of time. Label and
 * group are those of the newest packet in the input.
 *
 * @throws Error when there is nothing to write; no file is there then
 */
export async function exportFeatures(
  pool: Pool,
  policy: Policy,
  { out, labels, group, onRows = () => undefined, ...selection }: FeatureExportOptions,
): Promise<FeatureReport> {
  const examples = new LabelledExamples(policy, labels);
  let written = 0;
  const rowOf = ({ row, features, label }: Example): TableRow[] =>
    label === undefined ? [] : [[textOf(fieldOf(row.value, group)) ?? "0", ...features, label]];

  async function* rows(): AsyncGenerator<TableRow[]> {
    for await (const batch of readTelemetry(pool, rowsFor(policy, labels, selection))) {
      const table = examples.take(batch).flatMap(rowOf);
      written += table.length;
      onRows(batch.length);
      yield table;
    }
    if (written === 0) throw new Error(nothing(policy, labels, examples.counts));
  }

  await writeTable(out, columnsOf(policy), rows());
  return { ...examples.counts, written, unlabelled: examples.counts.examples - written };
}

function columnsOf({ featureNames }: Policy): TableColumn[] {
  return [
    { name: "group", type: "string" },
    ...featureNames.map((name): TableColumn => ({ name, type: "float64" })),
    { name: "label", type: "string" },
  ];
}

function nothing({ name, definition }: Policy, { field, type }: LabelSource, counts: RowCounts): string {
  const { rows, examples, invalid, problem } = counts;
  const where = type === undefined ? `val.${field}` : `packets of type ${type}`;
  const first = problem === undefined ? "" : ` (${problem})`;
  return (
    `expected rows of ${definition.listens_to.types.join(", ")} with labels in ${where} for ${name}; ` +
    `got ${rows} rows, ${invalid} of them without the numbers${first}, and ${examples} examples without a label`
  );
}

/** What it tells people: one line on what was written, and one for everything that was not. */
export function describeFeatures(out: string, report: FeatureReport): string[] {
  const { rows, written, absorbed, unlabelled, invalid, problem } = report;
  const many = (count: number) => count.toLocaleString("en");
  return [
    `${out}: ${many(written)} examples from ${many(rows)} rows, ${many(absorbed)} of them parts of a later example`,
    ...(unlabelled === 0 ? [] : [`  ${many(unlabelled)} examples without a label are left out`]),
    ...(problem === undefined ? [] : [`  ${many(invalid)} rows do not fit the policy, as ${problem}`]),
  ];
}
