/**
 * Writes PostgreSQL's binary COPY format, which the server reads with less work than text, and sends it.
 *
 * A row is the number of its columns and, for each, its length and its bytes. See
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
import { Buffer } from "node:buffer";
import { finished } from "node:stream/promises";
import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";

/** PostgreSQL counts time from 2000-01-01 UTC. */
export const epochOffsetMs = 946_684_800_000;
export const twoTo32 = 2 ** 32;

const signature = Buffer.from("PGCOPY\n\u00ff\r\n\0", "latin1");
const headerLength = signature.length + 8;
const nullLength = -1;
const jsonbVersion = 1;

/** Runs a `copy … from stdin (format binary)` with all of its data. */
export async function copyIn(client: ClientBase, sql: string, data: Buffer): Promise<void> {
  const copy = client.query(copyFrom(sql));
  copy.end(data);
  await finished(copy);
}

/** Writes rows column by column, in the order of the COPY statement. */
export class CopyWriter {
  #buffer: Buffer;
  #length: number;
  #uuid: { text: string; bytes: Buffer } = { text: "", bytes: Buffer.alloc(0) };

  /** @param expectedBytes a guess that spares growing */
  constructor(expectedBytes = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafe(Math.max(expectedBytes, 1024));
    signature.copy(this.#buffer);
    this.#buffer.fill(0, signature.length, headerLength);
    this.#length = headerLength;
  }

  /** Begins a row of so many columns. */
  row(columns: number): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeInt16BE(columns, this.#length);
  }

  /** A text column. */
  text(value: string): void {
    // A UTF-16 unit becomes three bytes at the most.
    this.#reserve(4 + value.length * 3);
    const written = this.#buffer.write(value, this.#length + 4, "utf8");
    this.#buffer.writeInt32BE(written, this.#length);
    this.#length += 4 + written;
  }

  /** A jsonb column, from JSON text. */
  jsonb(json: string): void {
    this.#reserve(5 + json.length * 3);
    const written = this.#buffer.write(json, this.#length + 5, "utf8");
    this.#buffer.writeInt32BE(written + 1, this.#length);
    this.#buffer[this.#length + 4] = jsonbVersion;
    this.#length += 5 + written;
  }

  /** A timestamptz column, from epoch milliseconds; kept to the microsecond. */
  timestamp(epochMs: number): void {
    this.#int64(Math.round((epochMs - epochOffsetMs) * 1_000));
  }

  /** A bigint column, within the safe integers. */
  bigint(value: number | undefined): void {
    if (value === undefined) this.#null();
    else this.#int64(value);
  }

  /** A real column. */
  real(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeInt32BE(4, this.#length);
    this.#length = this.#buffer.writeFloatBE(Math.fround(value), this.#length);
  }

  /** A uuid column, from its usual text. */
  uuid(value: string | undefined): void {
    if (value === undefined) this.#null();
    else this.#bytes(this.#uuidBytes(value));
  }

  /** Ends the data and returns all of it. */
  end(): Buffer {
    this.#reserve(2);
    this.#length = this.#buffer.writeInt16BE(-1, this.#length);
    return this.#buffer.subarray(0, this.#length);
  }

  /** Rows of one stream follow on each other: its id is read once. */
  #uuidBytes(text: string): Buffer {
    if (text !== this.#uuid.text) this.#uuid = { text, bytes: Buffer.from(text.replaceAll("-", ""), "hex") };
    return this.#uuid.bytes;
  }

  #bytes(bytes: Buffer): void {
    this.#reserve(4 + bytes.length);
    this.#length = this.#buffer.writeInt32BE(bytes.length, this.#length);
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  #null(): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32BE(nullLength, this.#length);
  }

  #int64(value: number): void {
    this.#reserve(12);
    this.#length = this.#buffer.writeInt32BE(8, this.#length);
    this.#length = this.#buffer.writeInt32BE(Math.floor(value / twoTo32), this.#length);
    this.#length = this.#buffer.writeUInt32BE(value >>> 0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
