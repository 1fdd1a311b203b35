/** How far a replay is, on one line of a terminal. */
import type { Writable } from "node:stream";
import type { ReplayProgress, ReplaySource } from "./replay-source.ts";

const redrawEveryMs = 500;

/** Redraws a line until the replay has ended. */
export function showProgress(source: Pick<ReplaySource, "progress" | "finished">, terminal: Writable): void {
  const draw = () => terminal.write(`\r${progressLine(source.progress)}\u001b[K`);
  const timer = setInterval(draw, redrawEveryMs);
  const end = () => {
    clearInterval(timer);
    draw();
    terminal.write("\n");
  };
  source.finished.then(end, end);
}

/** `12,345 packets · 499/s · 42 % · 0:34 left` */
export function progressLine({ packets, share, elapsedMs }: ReplayProgress): string {
  const seconds = elapsedMs / 1_000;
  const rate = seconds > 0 ? Math.round(packets / seconds) : 0;
  const left = share > 0 ? clock((seconds * (1 - share)) / share) : "?";
  return `${packets.toLocaleString("en")} packets · ${rate.toLocaleString("en")}/s · ${Math.round(share * 100)} % · ${left} left`;
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
