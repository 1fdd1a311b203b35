/** Commands from the hub to the source: checked, in time, each once. */
import { preview, type RobotAnswer, type RobotCommand, validate } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";

/** The ids of so many commands are remembered; what is older than these is also too late. */
const rememberedCommands = 1_000;

export interface CommandExecutorDependencies {
  execute: (command: RobotCommand) => Promise<RobotAnswer>;
  /** The hub's time now, epoch milliseconds: `expires_at` is on the hub's clock. */
  hubNow: () => number;
  logger: Logger;
}

/** Answers one `send_to_robot` message; never rejects. A command that comes again gets its first answer again. */
export type CommandExecutor = (message: unknown) => Promise<RobotAnswer>;

/** Makes an executor that remembers what it has executed. */
export function createCommandExecutor(dependencies: CommandExecutorDependencies): CommandExecutor {
  const answers = new Map<string, Promise<RobotAnswer>>();
  return (message) => {
    const checked = validate.robotCommand(message);
    if (!checked.ok) return Promise.resolve(refuse(message, checked.problem));
    const command = checked.value;
    const answer = answers.get(command.command_id) ?? executeInTime(command, dependencies);
    answers.set(command.command_id, answer);
    for (const oldest of answers.keys()) {
      if (answers.size <= rememberedCommands) break;
      answers.delete(oldest);
    }
    return answer;
  };
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
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function failed(message: string): RobotAnswer {
  return { status: "failed", result: { message } };
}
