/** What an export tells of rows and columns: to people, and in a file. */
import type { ExportPlan } from "@physical-ai/db";

/** One line on what was written, and one for everything that did not fit. */
export function describeFit(out: string, { rows, misfits, leftOut }: ExportPlan): string[] {
  const many = (count: number) => count.toLocaleString("en");
  return [
    `${out}: ${many(rows)} rows`,
    ...misfits.map(
      ({ column, expected, found, rows: unfit, exampleId }) =>
        `  ${column} is empty in ${many(unfit)} rows: expected ${expected}, got ${found}, as in the row with id ${exampleId}`,
    ),
    ...(leftOut.length === 0 ? [] : [`  without a column: ${someOf(leftOut.map(({ field }) => field))}`]),
  ];
}

/** The report has them all. */
const mostNamed = 20;

function someOf(names: readonly string[]): string {
  const named = names.slice(0, mostNamed).join(", ");
  return names.length > mostNamed ? `${named} and ${names.length - mostNamed} more` : named;
}

/** The content of `<out>.report.json`. */
export function reportOf({ rows, columns, misfits, leftOut }: ExportPlan): unknown {
  return {
    rows,
    columns: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
    misfits: misfits.map(({ exampleId, ...misfit }) => ({ ...misfit, example_id: exampleId })),
    left_out: leftOut,
  };
}
