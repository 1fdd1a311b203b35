/** From bytes to lines. */

/** Takes bytes as they come, cut anywhere, also inside a character. */
export interface LineSplitter {
  /** The lines that are complete now, without their line feeds. */
  push(bytes: Uint8Array): string[];
  /** What came after the last line feed, if anything. */
  end(): string[];
}

/** UTF-8; what is not becomes U+FFFD. */
export function createLineSplitter(): LineSplitter {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(bytes) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
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
