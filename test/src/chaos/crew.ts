/** Processes and proxies that are dismissed together. */
import { join } from "node:path";
import { describeDeath, SupervisedProcess } from "@physical-ai/launcher";
import { openProxy, type TcpProxy } from "./proxy.ts";

export interface Member {
  name: string;
  process: SupervisedProcess;
}

/** Whoever makes a crew dismisses it. */
export interface Crew {
  /** Processes that ended without having been killed, and how. */
  readonly crashes: readonly string[];
  /** Starts a compiled program that comes back when it dies. */
  run(name: string, program: string, args: readonly string[], environment?: NodeJS.ProcessEnv): Member;
  openProxy(target: number): Promise<TcpProxy>;
  /** The last first. */
  dismiss(): Promise<void>;
}

/** Makes a crew whose logs are in the folder's `logs`. */
export function createCrew(folder: string): Crew {
  const crashes: string[] = [];
  const leave: (() => Promise<void>)[] = [];
  return {
    crashes,
    run(name, program, args, environment = {}) {
      const logFile = join(folder, "logs", `${name}.log`);
      const plan = { name, program, args, environment: { ...process.env, LOG_LEVEL: "warn", ...environment }, logFile };
      const supervised = new SupervisedProcess(plan, (death) => {
        // The one who looks after PostgreSQL ends with an error when PostgreSQL was killed, as it should.
        if (death.signal !== "SIGKILL" && name !== "postgres")
          crashes.push(`${name} (${describeDeath(death)}), see ${logFile}`);
      });
      leave.unshift(() => supervised.stop());
      return { name, process: supervised };
    },
    async openProxy(target) {
      const proxy = await openProxy(target);
      leave.unshift(() => proxy.close());
      return proxy;
    },
    async dismiss() {
      for (const one of leave) await one();
    },
  };
}
