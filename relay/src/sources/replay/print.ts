/** Writes a recording's packets as NDJSON, for pipes. */
import { once } from "node:events";
import type { Writable } from "node:stream";
import { type ReplayOptions, ReplaySource } from "./replay-source.ts";

/**
 * Resolves when every packet is written, or when nobody reads `output` any more; rejects when the recording cannot be
 * read or `output` fails. Packets go as fast as `output` takes them; it stays open.
 */
export async function printRecording(recording: ReplayOptions, output: Writable): Promise<void> {
  const source = new ReplaySource({ ...recording, pace: { kind: "max" } });
  const closed = once(output, "error").then(([error]) => {
    if (error.code !== "EPIPE") throw error;
  });
  const drained = () => new Promise<void>((resolve) => output.once("drain", resolve));
  source.start({
    accept: async (packets) => {
      output.write(packets.map((packet) => `${JSON.stringify(packet)}\n`).join(""));
    },
    ready: () => (output.writableNeedDrain ? Promise.race([drained(), closed]) : Promise.resolve()),
  });
  try {
    await Promise.race([source.finished, closed]);
  } finally {
    await source.stop();
  }
}
