/** Reads PostgreSQL's binary COPY format; see `copy-writer.ts`. */
import { Buffer } from "node:buffer";
import type { ClientBase } from "pg";
import { to as copyTo } from "pg-copy-streams";
import { epochOffsetMs, twoTo32 } from "./copy-writer.ts";

const fixedHeaderLength = 15;
const columnsLength = 2;
const lengthLength = 4;
const endOfData = -1;

/** Reads the columns of rows, in the order of the query. A column that is NULL reads as `undefined`. */
export class CopyReader {
  readonly #bytes: Buffer;
  #at = 0;

  /** @param bytes whole rows */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** How many bytes lie before what is read next. */
  get offset(): number {
    return this.#at;
  }

  /** Moves to the next row; false when there is none. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    this.#at += columnsLength;
    return true;
  }

  /** A column's bytes, a view. */
  bytes(): Buffer | undefined {
    const length = this.#length();
    if (length < 0) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A text column, decoded from UTF-8. */
  text(): string | undefined {
    const length = this.#length();
    if (length < 0) return undefined;
    this.#at += length;
    return this.#bytes.toString("utf8", this.#at - length, this.#at);
  }

  /** A bigint column as a number: exact within the safe integers. */
  int64(): number | undefined {
    if (this.#length() < 0) return undefined;
    this.#at += 8;
    return this.#bytes.readInt32BE(this.#at - 8) * twoTo32 + this.#bytes.readUInt32BE(this.#at - 4);
  }

  bigint(): bigint | undefined {
    if (this.#length() < 0) return undefined;
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8);
  }

  double(): number | undefined {
    if (this.#length() < 0) return undefined;
    this.#at += 8;
    return this.#bytes.readDoubleBE(this.#at - 8);
  }

  real(): number | undefined {
    if (this.#length() < 0) return undefined;
    this.#at += 4;
    return this.#bytes.readFloatBE(this.#at - 4);
  }

  boolean(): boolean | undefined {
    if (this.#length() < 0) return undefined;
    return this.#bytes[this.#at++] === 1;
  }

  /** A timestamptz column, within the safe integers. */
  epochMicroseconds(): number | undefined {
    const microseconds = this.int64();
    return microseconds === undefined ? undefined : microseconds + epochOffsetMs * 1_000;
  }

  /** A timestamptz column in epoch milliseconds, with the microseconds as their fraction. */
  epochMilliseconds(): number | undefined {
    const microseconds = this.epochMicroseconds();
    return microseconds === undefined ? undefined : microseconds / 1_000;
  }

  #length(): number {
    this.#at += lengthLength;
    return this.#bytes.readInt32BE(this.#at - lengthLength);
  }
}

/** Runs a query with COPY and yields its rows as they come, many at a time. Memory stays flat. */
export async function* copyRows(client: ClientBase, query: string): AsyncGenerator<CopyReader> {
  let rest: Buffer = Buffer.alloc(0);
  let headerSeen = false;
  for await (const chunk of client.query(copyTo(`copy (${query}) to stdout (format binary)`))) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const begin: number = headerSeen ? 0 : headerLengthOf(bytes);
    headerSeen ||= begin > 0;
    const end = headerSeen ? endOfWholeRows(bytes, begin) : 0;
    rest = bytes.subarray(end);
    if (end > begin) yield new CopyReader(bytes.subarray(begin, end));
  }
}

/** 0 while it has not all come. */
function headerLengthOf(bytes: Buffer): number {
  if (bytes.length < fixedHeaderLength + lengthLength) return 0;
  const length = fixedHeaderLength + lengthLength + bytes.readInt32BE(fixedHeaderLength);
  return bytes.length < length ? 0 : length;
}

function endOfWholeRows(bytes: Buffer, begin: number): number {
  let end = begin;
  while (end + columnsLength <= bytes.length) {
    const columns = bytes.readInt16BE(end);
    if (columns === endOfData) return end;
    let at = end + columnsLength;
    for (let column = 0; column < columns; column++) {
      if (at + lengthLength > bytes.length) return end;
      at += lengthLength + Math.max(0, bytes.readInt32BE(at));
    }
    if (at > bytes.length) return end;
    end = at;
  }
  return end;
}
