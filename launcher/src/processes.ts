/** The processes of a stack, each by its name and with a log of its own, and the wait until one is ready. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Death, describeDeath, programOf, type Room, SupervisedProcess } from "./supervised-process.ts";

export type ProcessName = "postgres" | "hub" | "brain-worker" | "relay";

interface ProcessesOptions {
  /** There already. */
  logFolder: string;
  /** Of all of them. */
  environment: NodeJS.ProcessEnv;
  onDeath?: ((death: Death) => void) | undefined;
}

/** Whoever runs some stops them. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #byName = new Map<ProcessName, SupervisedProcess>();
  readonly #deaths = new Map<ProcessName, Death>();

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  get byName(): ReadonlyMap<ProcessName, SupervisedProcess> {
    return this.#byName;
  }

  run(name: ProcessName, room: Room, args: readonly string[], environment: NodeJS.ProcessEnv): void {
    const plan = {
      name,
      program: programOf(room),
      args,
      environment: { ...this.#options.environment, ...environment },
      logFile: join(this.#options.logFolder, `${name}.log`),
    };
    const process = new SupervisedProcess(plan, (death) => {
      this.#deaths.set(name, death);
      this.#options.onDeath?.(death);
    });
    this.#byName.set(name, process);
  }

  /** @throws Error when it cannot become ready, or takes too long */
  async untilReady(name: ProcessName, isReady: () => Promise<boolean>): Promise<void> {
    await untilReady({ name, isReady, lastDeath: () => this.#deaths.get(name) }).catch((error) => {
      throw new Error(`${error.message}; see the logs in ${this.#options.logFolder}`, { cause: error });
    });
  }

  /** Stops those of them that run, one after the other. */
  async stop(...names: readonly ProcessName[]): Promise<void> {
    for (const name of names) await this.#byName.get(name)?.stop();
  }
}

const readyPatienceMs = 60_000;
const readyPollMs = 100;

/** Who is waited for. */
interface Starting {
  name: string;
  /** May throw while there is nobody to answer. */
  isReady: () => Promise<boolean>;
  /** How it last ended, if it did. */
  lastDeath: () => Death | undefined;
}

/** @throws Error when it cannot become ready, or takes too long */
export async function untilReady({ name, isReady, lastDeath }: Starting): Promise<void> {
  const deadline = Date.now() + readyPatienceMs;
  while (!(await isReady().catch(() => false))) {
    const death = lastDeath();
    // A process that ends with code 1 before it was ever ready says why, and would say it again.
    if (death?.code === 1) throw new Error(`the ${name} could not start (${describeDeath(death)})`);
    if (Date.now() >= deadline) throw new Error(`the ${name} was not ready within ${readyPatienceMs / 1_000} s`);
    await sleep(readyPollMs);
  }
}
