/** A table of numbers and text as CSV or Parquet, as the file's name says. */
import { makeWhole, requirePlace, writeWhole } from "@physical-ai/service/whole-file";
import { type Cell, csvLines } from "./csv.ts";
import { type ParquetColumn, ParquetFile } from "./parquet.ts";

/** A column of a table. */
export type TableColumn = Pick<ParquetColumn, "name" | "type">;

/** One row, a cell a column. */
export type TableRow = readonly Cell[];

/** @throws Error when the name ends in neither `.csv` nor `.parquet`, or no file can be put there */
export async function requireTablePlace(path: string): Promise<void> {
  if (!/\.(csv|parquet)$/.test(path)) throw new Error(`expected a file named *.csv or *.parquet; got ${path}`);
  await requirePlace(path);
}

/**
 * Writes the rows as they come, in flat memory. The file is there when it is whole: should it break off, there is none.
 *
 * @param path `*.csv` or `*.parquet`
 */
export async function writeTable(
  path: string,
  columns: readonly TableColumn[],
  batches: AsyncIterable<readonly TableRow[]>,
): Promise<void> {
  await requireTablePlace(path);
  if (path.endsWith(".csv")) await writeWhole(path, encodeCsv(columns, batches));
  else await writeParquet(path, columns, batches);
}

async function* encodeCsv(
  columns: readonly TableColumn[],
  batches: AsyncIterable<readonly TableRow[]>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(csvLines([columns.map(({ name }) => name)]));
  for await (const rows of batches) yield Buffer.from(csvLines(rows));
}

async function writeParquet(
  path: string,
  columns: readonly TableColumn[],
  batches: AsyncIterable<readonly TableRow[]>,
): Promise<void> {
  await makeWhole(path, async (unfinished) => {
    const file = new ParquetFile(unfinished, columns);
    for await (const rows of inGroups(batches)) {
      file.write(Object.fromEntries(columns.map(({ name }, index) => [name, rows.map((row) => row[index])])));
    }
    file.finish();
  });
}

/** Readers like row groups that are larger than what is read from the database at a time. */
const groupRows = 50_000;

async function* inGroups(batches: AsyncIterable<readonly TableRow[]>): AsyncGenerator<readonly TableRow[]> {
  let group: TableRow[] = [];
  for await (const rows of batches) {
    group.push(...rows);
    if (group.length < groupRows) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
