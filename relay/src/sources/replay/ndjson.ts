/** Recordings in NDJSON: one packet of the contract a line. */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { validate } from "@physical-ai/unity-protocol";
import { type RecordedPacket, RecordingError } from "./recording.ts";

/** Reads an NDJSON stream line by line. A packet without `ts` counts as recorded together with the one before it. */
export async function* readNdjson(input: Readable, file: string): AsyncGenerator<RecordedPacket> {
  let line = 0;
  let start: number | undefined;
  let offsetMs = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (text.trim() === "") continue;
    const packet = validate.packet(parseJson(text, file, line));
    if (!packet.ok) throw new RecordingError(file, line, packet.problem);
    const { ts } = packet.value;
    if (ts !== undefined) {
      start ??= ts;
      offsetMs = ts - start;
    }
    yield { packet: packet.value, offsetMs };
  }
}

function parseJson(text: string, file: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RecordingError(file, line, `expected one JSON object a line; ${(error as Error).message}`);
  }
}
