/** What robots were asked to do, and what became of it. */
import type { CommandStatus, CommandUpdate } from "@physical-ai/unity-protocol";
import { remember } from "./bounded.ts";

/** Commands of one sender to one robot with the same action, one after the other. */
export interface CommandRun {
  readonly id: number;
  readonly robotId: string;
  readonly sender: string;
  readonly action: string;
  readonly counts: Map<CommandStatus, number>;
  newest: CommandUpdate;
  at: number;
}

const mostRuns = 10;
/** Whose status is remembered. */
const mostCommands = 200;

/** Those of all robots. Times are epoch milliseconds of the page's clock. */
export class Commands {
  /** Newest first. */
  runs: readonly CommandRun[] = [];
  readonly #known = new Map<string, { status: CommandStatus; run: CommandRun }>();
  #lastId = 0;

  take(update: CommandUpdate, at: number): void {
    const known = this.#known.get(update.command_id);
    const run = known?.run ?? this.#runOf(update, at);
    if (known !== undefined) run.counts.set(known.status, (run.counts.get(known.status) ?? 1) - 1);
    run.counts.set(update.status, (run.counts.get(update.status) ?? 0) + 1);
    run.newest = update;
    run.at = at;
    remember(this.#known, update.command_id, { status: update.status, run }, mostCommands);
  }

  /** Where a command stands, while it is remembered. */
  statusOf(commandId: string): CommandStatus | undefined {
    return this.#known.get(commandId)?.status;
  }

  #runOf(update: CommandUpdate, at: number): CommandRun {
    const { robot_id: robotId, sender, action } = update;
    const run = this.runs.find((candidate) => candidate.robotId === robotId && candidate.sender === sender);
    if (run !== undefined && run.action === action) return run;
    this.#lastId += 1;
    const started = { id: this.#lastId, robotId, sender, action, counts: new Map(), newest: update, at };
    this.runs = [started, ...this.runs].slice(0, mostRuns);
    return started;
  }
}
