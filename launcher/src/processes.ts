/** The processes of a stack, each by its name and with a log of its own. */
import { join } from "node:path";
import { programOf, type Room } from "./program.ts";
import { untilReady } from "./readiness.ts";
import { type Death, type OnDeath, type SupervisedProcess, supervise } from "./supervised-process.ts";

export type ProcessName = "postgres" | "hub" | "brain-worker" | "relay";

/** Starts and stops them. */
export interface Processes {
  readonly byName: ReadonlyMap<ProcessName, SupervisedProcess>;
  run(name: ProcessName, room: Room, args: readonly string[], environment: NodeJS.ProcessEnv): void;
  /** @throws Error when it cannot become ready, or takes too long */
  untilReady(name: ProcessName, isReady: () => Promise<boolean>): Promise<void>;
  /** Stops those of them that run, one after the other. */
  stop(...names: readonly ProcessName[]): Promise<void>;
}

export interface ProcessesOptions {
  /** There already. */
  logFolder: string;
  /** Of all of them. */
  environment: NodeJS.ProcessEnv;
  onDeath?: OnDeath | undefined;
}

/** None runs yet. Whoever runs some stops them. */
export function createProcesses({ logFolder, environment: common, onDeath }: ProcessesOptions): Processes {
  const byName = new Map<ProcessName, SupervisedProcess>();
  const deaths = new Map<string, Death>();
  return {
    byName,
    run(name, room, args, environment) {
      const plan = {
        name,
        program: programOf(room),
        args,
        environment: { ...common, ...environment },
        logFile: join(logFolder, `${name}.log`),
      };
      const process = supervise(plan, (death) => {
        deaths.set(name, death);
        onDeath?.(death);
      });
      byName.set(name, process);
    },
    async untilReady(name, isReady) {
      await untilReady({ name, isReady, lastDeath: () => deaths.get(name) }).catch((error) => {
        throw new Error(`${error.message}; see the logs in ${logFolder}`, { cause: error });
      });
    },
    async stop(...names) {
      for (const name of names) await byName.get(name)?.stop();
    },
  };
}
