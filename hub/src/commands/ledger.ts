/** What becomes of commands: every status is a row and an event, and an id that comes again is known. */
import type { CommandRow } from "@physical-ai/db";
import { type CommandStatus, type ErrorCode, type Failure, failure } from "@physical-ai/unity-protocol";
import type { BatchWriter } from "../durable/batch-writer.ts";
import { type Command, expiresAt, identityOf } from "./command.ts";
import type { CommandAudience } from "./links.ts";
import type { RecentCommand, RecentCommands } from "./recent-commands.ts";

/** Keeps the account of commands. */
export interface Ledger {
  /** What is known of a command that came not long ago. */
  find(commandId: string): RecentCommand | undefined;
  /** From now on the command is known. */
  open(command: Command): void;
  become(command: Command, status: CommandStatus, result?: unknown): void;
  /**
   * Ends the command.
   *
   * @param problem for the row and viewers
   * @returns what to say to whoever asked
   */
  reject(command: Command, problem: string, code: ErrorCode, message: string): Failure;
  /** How many commands have reached each status. */
  readonly counts: Readonly<Record<CommandStatus, number>>;
}

interface LedgerDependencies {
  recent: RecentCommands;
  writer: Pick<BatchWriter<CommandRow>, "add">;
  audience: CommandAudience;
  now: () => number;
}

/** Makes the account. */
export function createLedger({ recent, writer, audience, now }: LedgerDependencies): Ledger {
  const counts = { sent: 0, acknowledged: 0, failed: 0, expired: 0, rejected: 0 };

  function become({ row, askedBy }: Command, status: CommandStatus, result?: unknown): void {
    counts[status]++;
    const known = recent.find(row.commandId);
    if (known !== undefined) known.status = status;
    writer.add({ ...row, status, result, updatedAt: now() }, row.sender);
    const update = { ...identityOf(row), status };
    audience.commandUpdate(result === undefined ? update : { ...update, result }, known?.askedBy ?? askedBy);
  }

  return {
    find: (commandId) => recent.find(commandId),
    open(command) {
      const { row, askedBy } = command;
      recent.remember({ identity: identityOf(row), status: row.status, askedBy, expiresAt: expiresAt(command) });
    },
    counts,
    become,
    reject(command, problem, code, message) {
      become(command, "rejected", { problem });
      return failure(code, message);
    },
  };
}
