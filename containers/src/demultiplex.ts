/** Takes apart what the engine sends of a command without a terminal: both of its outputs on one stream, in frames. */

/** A piece of one output, cut anywhere. */
export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

/** A byte for the stream (1 stdout, 2 stderr), three zeros, and the length as 32 bits, big-endian. */
const headerBytes = 8;

/** Yields each output in its order, and both as the engine read them. Waits for its reader, so memory stays flat. */
export async function* demultiplex(source: AsyncIterable<Uint8Array>): AsyncGenerator<OutputChunk, void> {
  let header: Buffer = Buffer.alloc(0);
  let stream: OutputChunk["stream"] = "stdout";
  /** Of the frame that is being read. */
  let missing = 0;
  for await (const chunk of source) {
    let rest: Uint8Array = chunk;
    while (rest.length > 0) {
      if (missing > 0) {
        const bytes = rest.subarray(0, missing);
        missing -= bytes.length;
        rest = rest.subarray(bytes.length);
        yield { stream, bytes };
        continue;
      }
      const needed = headerBytes - header.length;
      header = Buffer.concat([header, rest.subarray(0, needed)]);
      rest = rest.subarray(needed);
      if (header.length < headerBytes) break;
      stream = header.readUInt8(0) === 2 ? "stderr" : "stdout";
      missing = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  }
}
