/** Commands from the hub to the source: checked, in time, each once. */
import { messageOf } from "@physical-ai/service/errors";
import { preview, type RobotAnswer, type RobotCommand, validate } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";

/** A command is remembered while it lives, and so much longer: the estimate of the hub's clock may move. */
const rememberedMs = 60_000;

interface CommandExecutorDependencies {
  execute: (command: RobotCommand) => Promise<RobotAnswer>;
  /** The hub's time now, epoch milliseconds: `expires_at` is on the hub's clock. */
  hubNow: () => number;
  logger: Logger;
}

/** What is known of a command that came. */
interface RecentCommand {
  answer: Promise<RobotAnswer>;
  expiresAt: number;
  /** Looked at then, on the hub's clock: forgotten unless the command still lives. */
  until: number;
}

/** Remembers what it has executed for as long as it could come again. */
export class CommandExecutor {
  readonly #dependencies: CommandExecutorDependencies;
  /** In the order of `until`. */
  readonly #recent = new Map<string, RecentCommand>();

  constructor(dependencies: CommandExecutorDependencies) {
    this.#dependencies = dependencies;
  }

  /** Answers one `send_to_robot` message; never rejects. A command that comes again gets its first answer again. */
  async execute(message: unknown): Promise<RobotAnswer> {
    const checked = validate.robotCommand(message);
    if (!checked.ok) return refuse(message, checked.problem);
    const now = this.#dependencies.hubNow();
    this.#forgetOld(now);
    const { command_id: id, expires_at: expiresAt } = checked.value;
    const known = this.#recent.get(id);
    if (known !== undefined) return known.answer;
    const answer = executeInTime(checked.value, this.#dependencies);
    this.#recent.set(id, { answer, expiresAt, until: now + rememberedMs });
    return answer;
  }

  #forgetOld(now: number): void {
    for (const [id, command] of this.#recent) {
      if (command.until > now) return;
      this.#recent.delete(id);
      if (command.expiresAt + rememberedMs > now) this.#recent.set(id, { ...command, until: now + rememberedMs });
    }
  }
}

function refuse(message: unknown, problem: string): RobotAnswer {
  const bytes = validate.hexToHub(message).ok;
  return failed(bytes ? `this robot takes commands, not bytes; got ${preview(message)}` : problem);
}

async function executeInTime(command: RobotCommand, dependencies: CommandExecutorDependencies): Promise<RobotAnswer> {
  const lateMs = dependencies.hubNow() - command.expires_at;
  if (lateMs > 0) {
    return {
      status: "expired",
      result: { message: `the command came ${Math.ceil(lateMs)} ms after its time to live` },
    };
  }
  try {
    return await dependencies.execute(command);
  } catch (error) {
    dependencies.logger.error({ err: error, command_id: command.command_id }, "a command failed");
    return failed(messageOf(error));
  }
}

function failed(message: string): RobotAnswer {
  return { status: "failed", result: { message } };
}
