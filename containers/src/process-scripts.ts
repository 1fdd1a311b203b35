/** What is asked of a container's own shell about its processes. Plain `sh`, `/proc` and the base tools: every image has them. */

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
