/** Which columns of a CSV file become which part of a packet's `val`. */

/** A named vector of columns: `ranges=S1..S24`. */
export interface VectorColumns {
  name: string;
  columns: readonly string[];
}

/** How the rows of a CSV file become packets. */
export interface ColumnMapping {
  /** The packets' data type. */
  type: string;
  /** One column is the whole `val`, a number. Without this and without vectors `val` holds every column by its name. */
  value?: string | undefined;
  /** `val` holds each vector by its name. */
  vectors?: readonly VectorColumns[] | undefined;
  /** Beside vectors: the column that goes to `val.label` as text. */
  label?: string | undefined;
  /** Rows a second. */
  hz: number;
}

/**
 * Reads `name=columns`, where columns are separated by commas and `S1..S24` means S1, S2 … S24.
 *
 * @throws Error that says what was expected
 */
export function parseVectorColumns(text: string): VectorColumns {
  const [name, list, ...rest] = text.split("=");
  if (!name || !list || rest.length > 0) throw new Error(`expected name=columns, as in ranges=S1..S24; got ${text}`);
  return { name, columns: list.split(",").flatMap(expandRange) };
}

function expandRange(part: string): string[] {
  const range = /^(?<prefix>.*?)(?<first>\d+)\.\.(?<again>.*?)(?<last>\d+)$/.exec(part)?.groups;
  if (range === undefined) return [part];
  const { prefix = "", again = "" } = range;
  const [first, last] = [Number(range["first"]), Number(range["last"])];
  if ((again !== "" && again !== prefix) || last < first) {
    throw new Error(`expected columns from a lower to a higher number, as in S1..S24; got ${part}`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => `${prefix}${first + index}`);
}
