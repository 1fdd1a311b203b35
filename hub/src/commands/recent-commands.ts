/** The commands that came not long ago: one whose id comes again is not executed again. */
import type { CommandStatus } from "@physical-ai/unity-protocol";
import type { CommandIdentity } from "./command.ts";

/** What is known of one. */
export interface RecentCommand {
  identity: CommandIdentity;
  status: CommandStatus;
  /** The hub that forwarded it: it is told, whether its viewers want that or not. */
  askedBy: string | undefined;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Remembers them. */
export interface RecentCommands {
  find(commandId: string): RecentCommand | undefined;
  remember(command: RecentCommand): void;
}

/** How long an id is remembered at least, and beyond the command's life. */
const rememberedMs = 60_000;

/** Makes an empty memory. `now` is the clock, in epoch milliseconds. */
export function createRecentCommands(now: () => number): RecentCommands {
  /** In the order of `until`. */
  const recent = new Map<string, { command: RecentCommand; until: number }>();

  function remember(command: RecentCommand): void {
    recent.set(command.identity.command_id, { command, until: now() + rememberedMs });
  }

  function forgetOld(): void {
    for (const [commandId, { command, until }] of recent) {
      if (until > now()) return;
      recent.delete(commandId);
      if (command.expiresAt > now()) remember(command);
    }
  }

  return {
    find(commandId) {
      forgetOld();
      return recent.get(commandId)?.command;
    },
    remember,
  };
}
