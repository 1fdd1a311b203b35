/** From bytes or text to lines, as they come, in flat memory. */

/** Takes what comes cut anywhere, bytes also inside a character. */
export interface LineSplitter {
  /** The lines that are complete now, without their line feeds. */
  push(chunk: Uint8Array | string): string[];
  /** What came after the last line feed, if anything. */
  end(): string[];
}

/** Bytes are UTF-8; what is not becomes U+FFFD. */
export function createLineSplitter(): LineSplitter {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(chunk) {
      const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      return lines;
    },
    end() {
      const last = rest + decoder.decode();
      rest = "";
      return last === "" ? [] : [last];
    },
  };
}
