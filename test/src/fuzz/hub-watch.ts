/** Watches the hub's process: whether it lives, and how much memory it has. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestHub } from "../test-hub.ts";

/** A watch. Whoever starts it stops it. */
interface HubWatch {
  /** The process has died at least once. */
  readonly died: boolean;
  /** Deaths and restarts seen, and rejections that nobody handled. */
  crashes(): Promise<number>;
  /** Exceptions that the hub caught while it handled an event. */
  caught(): Promise<number>;
  /** Resident memory, when it has settled: the least of some seconds. */
  settledBytes(): Promise<number>;
  stop(): void;
}

const lookEveryMs = 50;
const settleMs = 10_000;

/** Starts to watch; the hub's log lies in `logFile`. */
export function watchHub(hub: TestHub, logFile: string): HubWatch {
  let pid = hub.process.pid;
  let deaths = 0;
  const timer = setInterval(() => {
    if (hub.process.pid === pid) return;
    if (pid !== undefined) deaths++;
    pid = hub.process.pid;
  }, lookEveryMs);

  const linesWith = async (words: RegExp) =>
    (await readFile(logFile, "utf8")).split("\n").filter((line) => words.test(line)).length;

  return {
    get died() {
      return deaths > 0;
    },
    crashes: async () => deaths + (await linesWith(/unhandled ?rejection|uncaught/i)),
    caught: () => linesWith(/could not handle an event/),
    async settledBytes() {
      let least = Number.POSITIVE_INFINITY;
      for (const deadline = Date.now() + settleMs; Date.now() < deadline; await sleep(500)) {
        least = Math.min(least, await residentBytes(hub.process.pid));
      }
      return least;
    },
    stop: () => clearInterval(timer),
  };
}

/** Not a number where there is no /proc, or no process. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1_024;
}
