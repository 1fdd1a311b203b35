/** PostgreSQL's COPY text format: one line a row, columns apart by tabs, `\N` for null. */

/** A column's value: `undefined` is null. */
export type CopyValue = string | number | undefined;

/** How null is written. */
export const copyNull = "\\N";

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
    line += value === undefined ? copyNull : typeof value === "number" ? String(value) : copyText(value);
  }
  return `${line}\n`;
}

/** Writes epoch milliseconds as a timestamptz, to the microsecond. */
export function copyTime(epochMs: number): string {
  return createTimeWriter()(epochMs);
}

/** Writes times as `copyTime` does; the date of times of the same second is made once. */
export function createTimeWriter(): (epochMs: number) => string {
  let second = Number.NaN;
  let secondText = "";
  return (epochMs) => {
    const wholeSecond = Math.floor(epochMs / 1_000);
    if (wholeSecond !== second) {
      secondText = new Date(wholeSecond * 1_000).toISOString().slice(0, -4);
      second = wholeSecond;
    }
    const milliseconds = epochMs - wholeSecond * 1_000;
    if (Number.isInteger(milliseconds)) return `${secondText}${String(milliseconds).padStart(3, "0")}Z`;
    const microseconds = Math.min(999_999, Math.round(milliseconds * 1_000));
    return `${secondText}${String(microseconds).padStart(6, "0")}Z`;
  };
}
