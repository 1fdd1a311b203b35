/** What the engine sends bit by bit: the outputs of a command, and lines. */

/** A piece of one output, cut anywhere. */
export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

/** A byte for the stream (1 stdout, 2 stderr), three zeros, and the length as 32 bits, big-endian. */
const headerBytes = 8;

/**
 * Takes apart what the engine sends of a command without a terminal: both of its outputs on one stream, in frames. Yields
 * each output in its order, and both as the engine read
 * them. Waits for its reader, so memory stays flat.
 */
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

/** From bytes or text to lines, as they come, in flat memory: cut anywhere, bytes also inside a character. */
export class LineSplitter {
  /** Bytes are UTF-8; what is not becomes U+FFFD. */
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** The lines that are complete now, without their line feeds. */
  push(chunk: Uint8Array | string): string[] {
    const text = typeof chunk === "string" ? chunk : this.#decoder.decode(chunk, { stream: true });
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  /** What came after the last line feed, if anything. */
  end(): string[] {
    const last = this.#rest + this.#decoder.decode();
    this.#rest = "";
    return last === "" ? [] : [last];
  }
}

export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  /** Without its line feed. */
  readonly line: string;
}

/** Each stream has lines of its own. */
export async function* linesByStream(output: AsyncIterable<OutputChunk>): AsyncGenerator<OutputLine, void> {
  const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  for await (const { stream, bytes } of output) {
    for (const line of splitters[stream].push(bytes)) yield { stream, line };
  }
  for (const stream of ["stdout", "stderr"] as const) {
    for (const line of splitters[stream].end()) yield { stream, line };
  }
}
