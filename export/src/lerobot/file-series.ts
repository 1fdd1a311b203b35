/** Numbered files in numbered folders, none of them too large. */
import { join } from "node:path";
import { type ParquetColumn, ParquetFile, type ParquetValues } from "../parquet.ts";

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
export class ParquetSeries {
  readonly #folder: string;
  readonly #columns: readonly ParquetColumn[];
  readonly #fileBytes: number;
  #number = 0;
  #file: ParquetFile | undefined;

  /** @param fileBytes what a file may hold; a row group larger than that has a file of its own */
  constructor(folder: string, columns: readonly ParquetColumn[], fileBytes: number) {
    this.#folder = folder;
    this.#columns = columns;
    this.#fileBytes = fileBytes;
  }

  /** Where the next row group goes. Begins another file when it would make the present one too large. */
  place(rowGroupBytes: number): Place {
    if (this.#file !== undefined && this.#file.bytes + rowGroupBytes > this.#fileBytes) {
      this.#file.finish();
      this.#file = undefined;
      this.#number += 1;
    }
    return placeOf(this.#number);
  }

  write(values: ParquetValues): void {
    const path = pathOf(placeOf(this.#number), "parquet");
    this.#file ??= new ParquetFile(join(this.#folder, path), this.#columns);
    this.#file.write(values);
  }

  finish(): void {
    this.#file?.finish();
  }
}
