/** Why rows cannot be exported as asked. */
import type { ClientBase } from "pg";
import type { TelemetrySelection } from "./selection.ts";
import { type ExportTable, tableNames } from "./tables.ts";

/** The rows cannot be exported as asked: the message says how they can. Its `code` survives a thread's end. */
export class NotExportableError extends Error {
  readonly code = "not_exportable";
}

/** Nothing was chosen: the message says by what, and which robots there are. Its `code` survives a thread's end. */
class NoRowsError extends Error {
  readonly code = "no_rows";
}

const mostNamed = 10;

/** The error of a selection that no row of the table meets, most often for a name that is written otherwise. */
export async function noRows(client: ClientBase, table: ExportTable, selection: TelemetrySelection): Promise<Error> {
  const { robots, robotTypes, types, since, until } = selection;
  const chosen = [
    ...(robots === undefined ? [] : [`of robot ${robots.join(" or ")}`]),
    ...(robotTypes === undefined ? [] : [`of robot type ${robotTypes.join(" or ")}`]),
    ...(types === undefined ? [] : [`of type ${types.join(" or ")}`]),
    ...(since === undefined ? [] : [`since ${since.toISOString()}`]),
    ...(until === undefined ? [] : [`until ${until.toISOString()}`]),
  ];
  const known = await knownRobots(client, table);
  const there = known.length === 0 ? "there are none at all yet" : `the robots that have some: ${listed(known)}`;
  return new NoRowsError(`no ${["rows", `of ${table}`, ...chosen].join(" ")}; ${there}`);
}

function listed(names: readonly string[]): string {
  return names.slice(0, mostNamed).join(", ") + (names.length > mostNamed ? " and more" : "");
}

/** Goes from name to name in the index, however many rows each has. */
async function knownRobots(client: ClientBase, table: ExportTable): Promise<string[]> {
  const name = tableNames[table];
  const { rows } = await client.query<{ robot_id: string }>(`
    with recursive known as (
      (select robot_id from ${name} order by robot_id limit 1)
      union all
      select (select next.robot_id from ${name} next where next.robot_id > known.robot_id order by next.robot_id limit 1)
      from known where known.robot_id is not null
    )
    select robot_id from known where robot_id is not null limit ${mostNamed + 1}`);
  return rows.map((row) => row.robot_id);
}
