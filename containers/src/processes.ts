/** The processes of frameworks inside their containers. */
import type { Logger } from "pino";
import { runFolder } from "./container-spec.ts";
import { DockerError, unless } from "./engine/errors.ts";
import type { Exec, ExecResult } from "./exec.ts";
import { type Framework, type FrameworkStart, frameworkNamed, healthCommand, startCommand } from "./frameworks.ts";
import {
  findScript,
  measureScript,
  type ProcessInfo,
  readMeasurements,
  startScript,
  stopScript,
} from "./process-scripts.ts";

/** A process of a framework. */
interface FrameworkProcess {
  /** Inside the container. */
  readonly pid: number;
  /** Inside the container: what it says, since it was started last. */
  readonly logFile: string;
}

interface StopProcessOptions {
  /** Seconds until it is killed; 10 when missing. */
  readonly timeout?: number;
}

/** The calls about processes in containers. */
export interface Processes {
  /**
   * Starts a framework's process. Resolves when it is ready: its port listens, and its health check succeeds.
   *
   * @throws DockerError `process_failed` with the end of its log when it ends before, or takes longer than its framework
   *   may; `port_taken` when something listens there already
   */
  startFrameworkProcess(id: string, framework: string, start: FrameworkStart): Promise<FrameworkProcess>;
  /** The framework's process that was started last at the port (the framework's when missing), if it lives. */
  findFrameworkProcess(id: string, framework: string, port?: number): Promise<FrameworkProcess | undefined>;
  monitorProcess(id: string, pid: number): Promise<ProcessInfo>;
  /** Asks it to end, waits, and ends it by force when it takes too long. */
  stopProcess(id: string, pid: number, options?: StopProcessOptions): Promise<void>;
}

export function createProcesses({ execCommand }: Exec, logger: Logger): Processes {
  const shell = (id: string, script: string, args: readonly (string | number)[], environment = {}) =>
    execCommand(id, { command: ["sh", "-c", script, "sh", ...args.map(String)], environment });

  return {
    async startFrameworkProcess(id, name, start) {
      const framework = frameworkNamed(name);
      const port = start.port ?? framework.port;
      const logFile = logFileOf(framework, port);
      const timeout = start.timeout ?? framework.startPatienceSeconds;
      const result = await shell(
        id,
        startScript,
        [
          logFile,
          pidFileOf(port),
          port,
          Math.ceil(timeout),
          healthCommand(port).join(" "),
          ...startCommand(framework, start),
        ],
        // Python keeps what it prints to a file to itself, and takes it along when it is killed.
        { PYTHONUNBUFFERED: "1" },
      );
      const pid = Number(/^ready (\d+)$/m.exec(result.stdout)?.[1]);
      if (!(pid > 0)) throw startFailure(`${name} in container ${id}`, port, timeout, result);
      logger.info({ container: id, framework: name, pid, port }, "started a framework's process");
      return { pid, logFile };
    },
    async findFrameworkProcess(id, name, port) {
      const framework = frameworkNamed(name);
      const at = port ?? framework.port;
      const found = await shell(id, findScript, [pidFileOf(at)]).catch(unless("not_running"));
      return found?.exitCode === 0 ? { pid: Number(found.stdout), logFile: logFileOf(framework, at) } : undefined;
    },
    async monitorProcess(id, pid) {
      // A container that does not run has no processes.
      const measured = await shell(id, measureScript, [pid]).catch(unless("not_running"));
      return measured?.exitCode === 0 ? readMeasurements(measured.stdout) : { status: "exited" };
    },
    async stopProcess(id, pid, { timeout = 10 } = {}) {
      await shell(id, stopScript, [pid, Math.ceil(timeout * 10)]).catch(unless("not_running"));
      logger.info({ container: id, pid }, "stopped a process");
    },
  };
}

/** Where a framework's process writes what it says. The folder is anybody's, whoever the image's user is. */
export function logFileOf(framework: Framework, port = framework.port): string {
  return `/tmp/physical_ai/${framework.name}-${port}.log`;
}

const pidFileOf = (port: number) => `${runFolder}/${port}.pid`;

function startFailure(who: string, port: number, timeout: number, { stdout, stderr }: ExecResult): DockerError {
  const outcome = stdout.trim();
  if (outcome === "taken") {
    return new DockerError("port_taken", `${who} cannot listen at port ${port}: a process inside does; stop it first`);
  }
  const how =
    outcome === "late"
      ? `was not ready at port ${port} within ${timeout} s, and was stopped`
      : `ended before it was ready at port ${port} (${outcome || "there is no shell to start it"})`;
  return new DockerError("process_failed", `${who} ${how}. The end of its log:\n${stderr.trimEnd()}`);
}
