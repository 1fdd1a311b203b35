/** Which rows of a table are wanted. */
import { escapeLiteral } from "pg";

/** What is missing does not restrict. */
export interface TelemetrySelection {
  robots?: readonly string[] | undefined;
  robotTypes?: readonly string[] | undefined;
  /** The data types of telemetry; the policies of predictions; the names of commands. */
  types?: readonly string[] | undefined;
  /** The first moment. */
  since?: Date | undefined;
  /** The first moment that is too late. */
  until?: Date | undefined;
}

/**
 * The condition that the selection puts on a table's rows. COPY takes no parameters: values become literals.
 *
 * @param alias of the table in the query
 * @param typeColumn what `types` restricts
 */
export function selected(alias: string, typeColumn: string, selection: TelemetrySelection): string {
  const oneOf = (column: string, values: readonly string[] | undefined) =>
    values === undefined || values.length === 0
      ? []
      : [`${alias}.${column} in (${values.map((value) => escapeLiteral(value)).join(", ")})`];
  const { since, until } = selection;
  const conditions = [
    ...oneOf("robot_id", selection.robots),
    ...oneOf("robot_type", selection.robotTypes),
    ...oneOf(typeColumn, selection.types),
    ...(since === undefined ? [] : [`${alias}.created_at >= '${since.toISOString()}'`]),
    ...(until === undefined ? [] : [`${alias}.created_at < '${until.toISOString()}'`]),
  ];
  return conditions.length === 0 ? "true" : conditions.join(" and ");
}
