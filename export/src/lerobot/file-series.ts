/** Numbered files in numbered folders, none of them too large. */
import { join } from "node:path";
import { type Column, type Columns, createParquetFile, type ParquetFile } from "../parquet-file.ts";

/** How many files a folder holds at most. */
export const chunksSize = 1_000;

/** Which file: `chunk-000/file-000`. */
export interface Place {
  readonly chunk: number;
  readonly file: number;
}

/** The place of the file with this number, from 0. */
export function placeOf(number: number): Place {
  return { chunk: Math.floor(number / chunksSize), file: number % chunksSize };
}

/** A place as a path with `/`: a part of the format, not of this machine. */
export function pathOf({ chunk, file }: Place, extension: string): string {
  const digits = (number: number) => String(number).padStart(3, "0");
  return `chunk-${digits(chunk)}/file-${digits(file)}.${extension}`;
}

/** Row groups over as many parquet files as their size asks for. */
export interface ParquetSeries {
  /** Where the next row group goes. Begins another file when it would make the present one too large. */
  place(rowGroupBytes: number): Place;
  write(columns: Columns): void;
  finish(): void;
}

/** @param fileBytes what a file may hold; a row group larger than that has a file of its own */
export function createParquetSeries(folder: string, columns: readonly Column[], fileBytes: number): ParquetSeries {
  let number = 0;
  let file: ParquetFile | undefined;
  const open = () => createParquetFile(join(folder, pathOf(placeOf(number), "parquet")), columns);
  return {
    place(rowGroupBytes) {
      if (file !== undefined && file.bytes + rowGroupBytes > fileBytes) {
        file.finish();
        file = undefined;
        number += 1;
      }
      return placeOf(number);
    },
    write(values) {
      file ??= open();
      file.write(values);
    },
    finish() {
      file?.finish();
    },
  };
}
