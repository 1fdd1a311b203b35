/** What payloads look like, and since when. */
import { compileValidator } from "@physical-ai/unity-protocol";
import type { ClientBase } from "pg";
import Type from "typebox";
import type { PayloadSchemaVersion } from "../rows.ts";

const validateRows = compileValidator(
  "payload_schemas",
  Type.Array(
    Type.Object({
      robotType: Type.String(),
      dataType: Type.String(),
      version: Type.Number(),
      schema: Type.Record(Type.String(), Type.Array(Type.String())),
      changes: Type.Array(Type.String()),
      firstSeen: Type.Number(),
      lastSeen: Type.Number(),
    }),
  ),
);

/** More than people read, and few enough to hold. */
const maxVersions = 10_000;

/** The versions of payload shapes that began after `since` (epoch ms), in the order of their kinds and numbers. */
export async function listPayloadSchemas(client: ClientBase, since: number): Promise<PayloadSchemaVersion[]> {
  const { rows } = await client.query(
    `select robot_type as "robotType", data_type as "dataType", version, schema, changes,
       extract(epoch from first_seen)::float8 * 1000 as "firstSeen",
       extract(epoch from last_seen)::float8 * 1000 as "lastSeen"
     from (select * from payload_schemas where first_seen > $1 order by first_seen desc limit $2) as recent
     order by robot_type, data_type, version`,
    [new Date(since), maxVersions],
  );
  const versions = validateRows(rows);
  if (!versions.ok) throw new Error(versions.problem);
  return versions.value;
}
