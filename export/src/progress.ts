/** Shows on a terminal how far an export is; nothing elsewhere. Writes to stderr. */
import { Presets, SingleBar } from "cli-progress";

/** How far it is. Whoever shows it ends it. */
export interface Progress {
  /** So many more rows were looked at. */
  scanned(rows: number): void;
  /** All have been looked at: there are so many to write. */
  begin(rows: number): void;
  /** So many more rows were written. */
  written(rows: number): void;
  end(): void;
}

const scanFormat = "{value} · {rate}/s";
const writeFormat = "{bar} {percentage} % · {value} of {total} rows · {rate}/s · {eta_formatted} left";

/** Where the terminal belongs to something else. */
export const noProgress: Progress = {
  scanned: () => undefined,
  begin: () => undefined,
  written: () => undefined,
  end: () => undefined,
};

/** @param first what is done before the rows to write are known */
export function showProgress(first = "looking at what the rows hold"): Progress {
  if (!process.stderr.isTTY) return noProgress;
  let bar = startBar(`${first}: ${scanFormat}`, 0);
  return {
    scanned: (rows) => bar.add(rows),
    begin(rows) {
      bar.end();
      bar = startBar(writeFormat, rows);
    },
    written: (rows) => bar.add(rows),
    end: () => bar.end(),
  };
}

function startBar(format: string, total: number): { add(rows: number): void; end(): void } {
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, etaBuffer: 50, gracefulExit: false },
    Presets.shades_classic,
  );
  const startedAt = performance.now();
  let rows = 0;
  bar.start(total, 0, { rate: 0 });
  // It hides the cursor: an exit in the middle must not leave it so.
  const stop = () => bar.stop();
  process.once("exit", stop);
  return {
    add(more) {
      rows += more;
      const seconds = (performance.now() - startedAt) / 1_000;
      bar.update(total > 0 ? Math.min(rows, total) : rows, { rate: Math.round(rows / seconds) });
    },
    end() {
      process.off("exit", stop);
      stop();
    },
  };
}
