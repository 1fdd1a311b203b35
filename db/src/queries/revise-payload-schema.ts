/** Keeps what is known of a payload's shape up to date, version by version. */
import { compileValidator } from "@physical-ai/unity-protocol";
import type { ClientBase } from "pg";
import Type from "typebox";
import type { PayloadShape } from "../rows.ts";

/** Whose payloads. */
export interface PayloadKind {
  robotType: string;
  dataType: string;
}

/** A shape, and how it differs from the one before; without changes it is the same version. */
export interface Revision {
  shape: PayloadShape;
  changes: string[];
}

const validateShape = compileValidator(
  "a shape in payload_schemas",
  Type.Object({
    schema: Type.Record(Type.String(), Type.Array(Type.String())),
    sightings: Type.Record(Type.String(), Type.Number()),
  }),
);

/**
 * Brings what is known of a payload's shape up to date: `revise` gets the present shape, and says what it is now.
 *
 * One hub at a time does so for each robot type and data type: what one has found is no news to the next.
 *
 * @param at when the payloads were seen, epoch milliseconds
 * @returns the version and shape that are there now, and its changes where this made it a new version
 */
export async function revisePayloadSchema(
  client: ClientBase,
  { robotType, dataType }: PayloadKind,
  at: number,
  revise: (known: PayloadShape | undefined) => Revision,
): Promise<Revision & { version: number }> {
  const kind = [robotType, dataType];
  await client.query("select pg_advisory_xact_lock(hashtext($1), hashtext($2))", kind);
  const { rows } = await client.query<{ version: number }>(
    `select version, schema, sightings from payload_schemas
     where robot_type = $1 and data_type = $2 order by version desc limit 1`,
    kind,
  );
  const [known] = rows;
  const { shape, changes } = revise(known && shapeIn(known));
  if (known !== undefined && changes.length === 0) {
    await client.query(
      `update payload_schemas set schema = $4, sightings = $5, last_seen = greatest(last_seen, $6)
       where robot_type = $1 and data_type = $2 and version = $3`,
      [...kind, known.version, shape.schema, shape.sightings, new Date(at)],
    );
    return { version: known.version, shape, changes };
  }
  const version = (known?.version ?? 0) + 1;
  await client.query(
    `insert into payload_schemas
       (robot_type, data_type, version, schema, changes, sightings, first_seen, last_seen)
     values ($1, $2, $3, $4, $5, $6, $7, $7)`,
    [...kind, version, shape.schema, JSON.stringify(changes), shape.sightings, new Date(at)],
  );
  return { version, shape, changes };
}

function shapeIn(row: unknown): PayloadShape {
  const shape = validateShape(row);
  if (!shape.ok) throw new Error(`${shape.problem}. Delete the row: the hub learns it anew`);
  return { schema: shape.value.schema, sightings: shape.value.sightings };
}
