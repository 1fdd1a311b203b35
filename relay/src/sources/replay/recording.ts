/** A recording: its file, and its packets one by one, whatever its format. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Packet } from "@physical-ai/unity-protocol";

export interface RecordedPacket {
  /** Its `ts` is the recorded time where the recording has one. */
  packet: Packet;
  /** When it was recorded, in milliseconds since the recording's start. */
  offsetMs: number;
}

/** The readings of a file, in order; read as they are asked for. Fails with a `RecordingError`. */
export type RecordedPackets = AsyncIterable<RecordedPacket>;

/** A recording that is not what its format says. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";

  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`);
  }
}

/**
 * How large the file is, in bytes.
 *
 * @throws Error that says where a recording was looked for, when there is none
 */
export async function sizeOfRecording(file: string): Promise<number> {
  const found = await stat(file).catch((cause) => {
    const problem = cause.code === "ENOENT" ? "there is no such file" : cause.message;
    throw new Error(`expected a recording at ${resolve(file)}: ${problem}`, { cause });
  });
  if (found.isDirectory()) throw new Error(`expected a recording at ${resolve(file)}: this is a folder`);
  return found.size;
}
