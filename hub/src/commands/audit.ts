/** What becomes of commands: every status is a row and an event, and an id that comes again is known. */
import type { CommandRow } from "@physical-ai/db";
import {
  type CommandStatus,
  type CommandUpdate,
  type ErrorCode,
  type Failure,
  failure,
} from "@physical-ai/unity-protocol";
import type { BatchWriter } from "../durable/batch-writer.ts";
import { type Command, type CommandIdentity, expiresAt, identityOf } from "./command.ts";

/** Who is told what becomes of commands. `askedBy` is the hub that forwarded it. */
export interface CommandAudience {
  commandUpdate(update: CommandUpdate, askedBy?: string): void;
}

/** What is known of a command that came not long ago. */
export interface KnownCommand {
  identity: CommandIdentity;
  status: CommandStatus;
  /** The hub that forwarded it: it is told, whether its viewers want that or not. */
  askedBy: string | undefined;
  /** Epoch milliseconds. */
  expiresAt: number;
}

interface AuditDependencies {
  writer: Pick<BatchWriter<CommandRow>, "add">;
  audience: CommandAudience;
  /** Epoch milliseconds. */
  now: () => number;
}

/** How long an id is remembered at least, and beyond the command's life. */
const rememberedMs = 60_000;

export class Audit {
  readonly #writer: AuditDependencies["writer"];
  readonly #audience: CommandAudience;
  readonly #now: () => number;
  /** In the order of `until`. */
  readonly #known = new Map<string, { command: KnownCommand; until: number }>();
  readonly #counts: Record<CommandStatus, number> = { sent: 0, acknowledged: 0, failed: 0, expired: 0, rejected: 0 };

  constructor({ writer, audience, now }: AuditDependencies) {
    this.#writer = writer;
    this.#audience = audience;
    this.#now = now;
  }

  find(commandId: string): KnownCommand | undefined {
    this.#forgetOld();
    return this.#known.get(commandId)?.command;
  }

  /** From now on the command is known. Only `admit` opens one. */
  open(command: Command): void {
    const { row, askedBy } = command;
    this.remember({ identity: identityOf(row), status: row.status, askedBy, expiresAt: expiresAt(command) });
  }

  remember(command: KnownCommand): void {
    this.#known.set(command.identity.command_id, { command, until: this.#now() + rememberedMs });
  }

  become({ row, askedBy }: Command, status: CommandStatus, result?: unknown): void {
    this.#counts[status]++;
    const known = this.find(row.commandId);
    if (known !== undefined) known.status = status;
    this.#writer.add({ ...row, status, result, updatedAt: this.#now() }, row.sender);
    const update = { ...identityOf(row), status };
    this.#audience.commandUpdate(result === undefined ? update : { ...update, result }, known?.askedBy ?? askedBy);
  }

  /**
   * Ends the command.
   *
   * @param problem for the row and viewers
   * @returns what to say to whoever asked
   */
  reject(command: Command, problem: string, code: ErrorCode, message: string): Failure {
    this.become(command, "rejected", { problem });
    return failure(code, message);
  }

  /** How many commands have reached each status. */
  get counts(): Readonly<Record<CommandStatus, number>> {
    return this.#counts;
  }

  #forgetOld(): void {
    for (const [commandId, { command, until }] of this.#known) {
      if (until > this.#now()) return;
      this.#known.delete(commandId);
      if (command.expiresAt > this.#now()) this.remember(command);
    }
  }
}
