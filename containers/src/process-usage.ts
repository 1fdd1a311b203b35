/** What `/proc` says of a process. */
import { DockerError } from "./errors.ts";

/** How a process is. */
export type ProcessInfo =
  | {
      readonly status: "running" | "sleeping" | "waiting" | "stopped";
      /** Of one core: four busy ones are 400. */
      readonly cpuPercent: number;
      /** What it holds in memory. */
      readonly memoryBytes: number;
      readonly elapsedSeconds: number;
    }
  | { readonly status: "exited" };

const statuses = {
  R: "running",
  S: "sleeping",
  I: "sleeping",
  D: "waiting",
  T: "stopped",
  t: "stopped",
  Z: "exited",
  X: "exited",
} as const;

/** Linux counts in hundredths of a second, on every machine that Docker runs on. */
const ticksPerSecond = 100;

interface Measurement {
  readonly state: string;
  /** Since it started. */
  readonly cpuSeconds: number;
  /** Since the machine started. */
  readonly startedSeconds: number;
  readonly nowSeconds: number;
}

/** Reads the output of `measureScript`. */
export function readMeasurements(output: string): ProcessInfo {
  const [stat1 = "", uptime1 = "", stat2 = "", uptime2 = "", memory = ""] = output.split("\n");
  const before = measurement(stat1, uptime1);
  const now = measurement(stat2, uptime2);
  const status = Object.entries(statuses).find(([letter]) => letter === now.state)?.[1];
  if (status === "exited") return { status };
  const kilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(memory)?.[1] ?? 0);
  const cpuPercent = (100 * (now.cpuSeconds - before.cpuSeconds)) / (now.nowSeconds - before.nowSeconds);
  if (status === undefined || !Number.isFinite(cpuPercent)) {
    throw new DockerError("refused", `expected what /proc says of a process; got ${JSON.stringify(output)}`);
  }
  return {
    status,
    cpuPercent,
    memoryBytes: kilobytes * 1_024,
    elapsedSeconds: Math.max(0, now.nowSeconds - now.startedSeconds),
  };
}

function measurement(stat: string, uptime: string): Measurement {
  // The program's name comes second, in brackets, and may hold brackets and spaces itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = ""] = fields;
  const seconds = (index: number) => Number(fields[index]) / ticksPerSecond;
  return {
    state,
    cpuSeconds: seconds(11) + seconds(12),
    startedSeconds: seconds(19),
    nowSeconds: Number.parseFloat(uptime),
  };
}
