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
  return process.stderr.isTTY ? new TerminalProgress(first) : noProgress;
}

class TerminalProgress implements Progress {
  #bar: RowBar;

  constructor(first: string) {
    this.#bar = new RowBar(`${first}: ${scanFormat}`, 0);
  }

  scanned(rows: number): void {
    this.#bar.add(rows);
  }

  begin(rows: number): void {
    this.#bar.end();
    this.#bar = new RowBar(writeFormat, rows);
  }

  written(rows: number): void {
    this.#bar.add(rows);
  }

  end(): void {
    this.#bar.end();
  }
}

class RowBar {
  readonly #bar: SingleBar;
  readonly #total: number;
  readonly #startedAt = performance.now();
  #rows = 0;
  /** It hides the cursor: an exit in the middle must not leave it so. */
  readonly #stop = () => this.#bar.stop();

  constructor(format: string, total: number) {
    this.#total = total;
    this.#bar = new SingleBar(
      { format, stream: process.stderr, hideCursor: true, etaBuffer: 50, gracefulExit: false },
      Presets.shades_classic,
    );
    this.#bar.start(total, 0, { rate: 0 });
    process.once("exit", this.#stop);
  }

  add(more: number): void {
    this.#rows += more;
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    const shown = this.#total > 0 ? Math.min(this.#rows, this.#total) : this.#rows;
    this.#bar.update(shown, { rate: Math.round(this.#rows / seconds) });
  }

  end(): void {
    process.off("exit", this.#stop);
    this.#stop();
  }
}
