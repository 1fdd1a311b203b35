/** The rows that a dataset needs, out of all three tables, in the order of time. */

import type { Pool } from "pg";
import { selected, type TelemetrySelection } from "../rows/selection.ts";
import { inSnapshot, readTelemetry } from "../rows/stored-rows.ts";
import { episodeType } from "./episode-rule.ts";
import type { Plan } from "./episodes.ts";
import type { Source } from "./field.ts";
import { mergeByTime, type Row } from "./rows.ts";

/** Which rows, besides what the plan asks for. */
export interface RowChoice {
  readonly robot: string;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

const batchRows = 1_000;

/**
 * Yields what the plan needs. Memory stays flat.
 *
 * @throws when the database goes away in the middle
 */
export function readRows(pool: Pool, plan: Plan, { robot, since, until }: RowChoice): AsyncGenerator<Row> {
  const selectionOf = (types: readonly string[]) => ({ robots: [robot], since, until, types });
  const commands = typesOf(plan, "command");
  const telemetry = typesOf(plan, "telemetry");
  const predictions = typesOf(plan, "prediction");
  const { episodes } = plan;
  const everyCommand = episodes.by === "command" && episodes.command === undefined;

  const sources: AsyncIterable<readonly Row[]>[] = [];
  // Of rows at the same time a command comes first: it begins the episode that the readings belong to.
  if (everyCommand) sources.push(readCommands(pool, selectionOf([])));
  else if (commands.length > 0) sources.push(readCommands(pool, selectionOf(commands)));
  if (telemetry.length > 0) sources.push(telemetryRows(pool, selectionOf(telemetry)));
  if (predictions.length > 0) sources.push(readPredictions(pool, selectionOf(predictions)));
  return mergeByTime(sources);
}

function typesOf({ state, action, cameras, episodes }: Plan, source: Source): string[] {
  const fields = [...state, ...action, ...cameras.map(({ field }) => field)];
  const types = new Set(fields.filter((field) => field.source === source).map(({ type }) => type));
  if (source === "telemetry" && episodes.by === "packet") types.add(episodeType);
  if (source === "command" && episodes.by === "command" && episodes.command !== undefined) types.add(episodes.command);
  return [...types];
}

async function* telemetryRows(pool: Pool, selection: TelemetrySelection): AsyncGenerator<readonly Row[]> {
  for await (const batch of readTelemetry(pool, selection, { batchRows })) {
    yield batch.map(({ dataType, robotType, createdAtMs, value }) => ({
      source: "telemetry",
      type: dataType,
      robotType,
      atMs: createdAtMs,
      value,
    }));
  }
}

/** Those that reached the robot: what it refused, or never got, is nothing that it did. */
function readCommands(pool: Pool, selection: TelemetrySelection): AsyncGenerator<readonly Row[]> {
  return readTable(
    pool,
    "command",
    `select command as type, coalesce(robot_type, '') as robot_type, params as value, ${epochMs}
       from robot_commands t
      where ${selected("t", "command", selection)} and status in ('sent', 'acknowledged')
      order by created_at, id`,
  );
}

function readPredictions(pool: Pool, selection: TelemetrySelection): AsyncGenerator<readonly Row[]> {
  return readTable(
    pool,
    "prediction",
    `select policy as type, robot_type, result_payload as value, ${epochMs}
       from ai_predictions t
      where ${selected("t", "policy", selection)}
      order by created_at, id`,
  );
}

const epochMs = "(extract(epoch from created_at) * 1000)::float8 as at_ms";

interface TableRow {
  type: string;
  robot_type: string;
  value: unknown;
  at_ms: number;
}

function readTable(pool: Pool, source: Source, query: string): AsyncGenerator<readonly Row[]> {
  return inSnapshot(pool, async function* (client) {
    await client.query(`declare found no scroll cursor for ${query}`);
    for (;;) {
      const { rows } = await client.query<TableRow>(`fetch ${batchRows} from found`);
      if (rows.length === 0) return;
      yield rows.map((row) => ({
        source,
        type: row.type,
        robotType: row.robot_type,
        atMs: row.at_ms,
        value: row.value,
      }));
    }
  });
}
