/** What an export tells of rows and columns: to people, and in a file. */
import type { ExportPlan } from "./export-rows.ts";

/** `1 row`, `1,200 rows`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

/** A line for everything that did not fit. */
export function describeFit({ misfits, leftOut }: ExportPlan): string[] {
  return [
    ...misfits.map(
      ({ column, expected, found, rows: unfit, exampleId }) =>
        `  ${column} is empty in ${counted(unfit, "row")}: expected ${expected}, got ${found}, as in the row with id ${exampleId}`,
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
