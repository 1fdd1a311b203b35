/** `GET /api/schemas`: what payloads look like, and since when. */
import type { PayloadSchemaVersion } from "@physical-ai/db";
import { messageOf } from "@physical-ai/service/errors";
import type { FastifyInstance } from "fastify";
import { compositeKey } from "../packet.ts";
import { refuse } from "./refuse.ts";

/** What is known of the payloads of one robot type and data type. Times are epoch milliseconds. */
interface SchemaView {
  robot_type: string;
  data_type: string;
  version: number;
  /** The types of each field, by its path; `?` after one that comes and goes. */
  schema: Record<string, string[]>;
  first_seen: number;
  last_seen: number;
  /** Every version, oldest first. */
  history: { version: number; since: number; changes: string[]; schema: Record<string, string[]> }[];
}

/** Serves the shapes of payloads, all hubs' together. */
export function serveSchemas(api: FastifyInstance, listSchemas: () => Promise<PayloadSchemaVersion[]>): void {
  api.get("/api/schemas", async (_request, reply) => {
    try {
      return { ok: true, schemas: viewsOf(await listSchemas()) };
    } catch (error) {
      const message = `the database does not answer: ${messageOf(error)}; try again later`;
      return refuse(reply, "unavailable", message);
    }
  });
}

/** @param versions of one kind after the other, in the order of their numbers */
function viewsOf(versions: readonly PayloadSchemaVersion[]): SchemaView[] {
  const views = new Map<string, SchemaView>();
  for (const { robotType, dataType, version, schema, changes, firstSeen, lastSeen } of versions) {
    const key = compositeKey(robotType, dataType);
    const before = views.get(key);
    views.set(key, {
      robot_type: robotType,
      data_type: dataType,
      version,
      schema,
      first_seen: before?.first_seen ?? firstSeen,
      last_seen: lastSeen,
      history: [...(before?.history ?? []), { version, since: firstSeen, changes, schema }],
    });
  }
  return [...views.values()];
}
