/** What is asked of a container's own shell about its processes, and what it says. Plain `sh`, `/proc` and the base tools: every image has them. */
import { DockerError } from "./engine/errors.ts";

/**
 * Starts a process, and waits until its port listens and its health check succeeds.
 *
 * Arguments: the log file, the file for its process id, the port, seconds of patience, the health check, the command.
 * Says one line: `ready <pid>`, `exited <exit code>`, `late`, or `taken` when the port listened before. Where it failed,
 * stderr is the end of the log.
 */
export const startScript = `
log=$1 pid_file=$2 port=$(printf %04X "$3") patience=$4 health=$5
shift 5
now() { read -r seconds _ </proc/uptime; echo "\${seconds%.*}"; }
listening() { grep -Eqs ": [0-9A-F]+:$port [0-9A-F]+:0000 0A" /proc/net/tcp /proc/net/tcp6; }
fail() { echo "$@"; tail -n 20 "$log" >&2; exit 1; }
listening && { echo taken; exit 1; }
mkdir -p "\${log%/*}" || exit
deadline=$(($(now) + patience))
pause=0.1
"$@" >"$log" 2>&1 </dev/null &
pid=$!
echo $pid >"$pid_file"
while kill -0 $pid 2>/dev/null; do
  if listening; then
    $health >/dev/null 2>&1 && kill -0 $pid && { echo ready $pid; exit 0; }
    pause=1
  fi
  [ "$(now)" -lt $deadline ] || { kill -9 $pid; fail late; }
  sleep $pause
done
wait $pid
fail exited $?
`;

/** Says the id that is in a file when such a process lives. Argument: the file. */
export const findScript = `read -r pid <"$1" && kill -0 "$pid" && echo "$pid"`;

/**
 * Measures a process twice, a quarter of a second apart. Argument: its id. Each time its line of `/proc/<pid>/stat` and
 * the machine's uptime; at the end its resident memory. Fails where there is no such process.
 */
export const measureScript = `
measure() { cat "/proc/$1/stat" /proc/uptime; }
measure "$1" && sleep 0.25 && measure "$1" && grep VmRSS "/proc/$1/status"
`;

/** Asks a process to end, and ends it by force. Arguments: its id, tenths of a second of patience. */
export const stopScript = `
pid=$1 patience=$2
kill "$pid" 2>/dev/null || exit 0
while kill -0 "$pid" 2>/dev/null; do
  [ $patience -gt 0 ] || kill -9 "$pid"
  patience=$((patience - 1))
  sleep 0.1
done
`;

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
