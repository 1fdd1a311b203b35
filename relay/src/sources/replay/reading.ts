/** One line of a recording, whatever its format. */
import type { Packet } from "@physical-ai/unity-protocol";

export interface Reading {
  /** Its `ts` is the recorded time where the recording has one. */
  packet: Packet;
  /** When it was recorded, in milliseconds since the recording's start. */
  offsetMs: number;
}

/** The readings of a file, in order; read as they are asked for. Fails with a `RecordingError`. */
export type Readings = AsyncIterable<Reading>;

/** A recording that is not what its format says. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";

  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`);
  }
}
