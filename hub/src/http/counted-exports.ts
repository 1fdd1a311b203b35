/** Exports, and how many of them are under way. */
import type { OpenExport } from "@physical-ai/export";

export interface CountedExports {
  open: OpenExport;
  readonly underWay: number;
}

/** An export is under way from its first byte on until it ends, in whichever way. */
export function countExports(openExport: OpenExport): CountedExports {
  let underWay = 0;

  async function* open(...args: Parameters<OpenExport>): AsyncGenerator<Uint8Array> {
    underWay++;
    try {
      yield* openExport(...args);
    } finally {
      underWay--;
    }
  }

  return {
    open,
    get underWay() {
      return underWay;
    },
  };
}
