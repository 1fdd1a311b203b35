/** PostgreSQL's COPY text format: one line a row, columns apart by tabs, `\N` for null. */

/** A column's value: `undefined` is null. */
export type CopyValue = string | number | undefined;

const needsEscape = /[\\\t\n\r]/;
const escapes: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Writes one text column. */
export function copyText(value: string): string {
  return needsEscape.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character) : value;
}

/** Writes one row with its line end. */
export function copyLine(values: readonly CopyValue[]): string {
  let line = "";
  for (const [index, value] of values.entries()) {
    if (index > 0) line += "\t";
    line += value === undefined ? "\\N" : typeof value === "number" ? String(value) : copyText(value);
  }
  return `${line}\n`;
}

/** Writes epoch milliseconds as a timestamptz with microseconds. */
export function copyTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
