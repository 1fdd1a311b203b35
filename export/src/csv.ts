/** CSV (RFC 4180) with line feeds; an undefined cell is empty. PostgreSQL writes the rows of large exports itself. */
import { stringify } from "csv-stringify/sync";

/** What a table holds. An int64 is a bigint; undefined is an empty cell. */
export type Cell = number | bigint | string | undefined;

/** Whole lines, each with its line feed. */
export function csvLines(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((cells) => [...cells]),
    // A carriage return within a cell ends the line for some readers.
    { quoted_match: "\r" },
  );
}
