/** Commands as they stand now. */
import { eq, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { CommandRow } from "../rows.ts";
import { robotCommands } from "../schema.ts";

/**
 * Writes how commands stand now: new ones as rows, known ones as their new status; of several of one id the last.
 *
 * Only `sent` gives way to another status: two hubs may write about one command.
 */
export async function saveCommands(database: NodePgDatabase, commands: readonly CommandRow[]): Promise<void> {
  const newest = new Map(commands.map((command) => [command.commandId, command]));
  await database
    .insert(robotCommands)
    .values(
      [...newest.values()].map(({ result, createdAt, updatedAt, ...command }) => ({
        ...command,
        resultPayload: result ?? null,
        createdAt: new Date(createdAt),
        updatedAt: new Date(updatedAt),
      })),
    )
    .onConflictDoUpdate({
      target: robotCommands.commandId,
      set: {
        status: sql`excluded.status`,
        resultPayload: sql`excluded.result_payload`,
        updatedAt: sql`excluded.updated_at`,
      },
      setWhere: eq(robotCommands.status, "sent"),
    });
}
