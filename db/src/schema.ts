/**
 * The tables: the one place in the code that lists their columns. `migrations/` is what makes them in the database;
 * tests hold both, and the dump in `schema.sql`, to each other.
 */
import type { CommandStatus } from "@physical-ai/unity-protocol";
import { bigint, date, integer, jsonb, pgTable, primaryKey, real, text, timestamp, uuid } from "drizzle-orm/pg-core";

const time = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const position = (name: string) => bigint(name, { mode: "number" });

/** One row a packet. */
export const robotTelemetry = pgTable("robot_telemetry", {
  id: position("id").notNull().generatedAlwaysAsIdentity(),
  robotId: text("robot_id").notNull(),
  robotType: text("robot_type").notNull(),
  dataType: text("data_type").notNull(),
  payload: jsonb("payload").$type<{ value: unknown }>().notNull(),
  createdAt: time("created_at").notNull(),
  receivedAt: time("received_at").notNull(),
  streamId: uuid("stream_id"),
  seq: position("seq"),
});

/** One row a prediction. */
export const aiPredictions = pgTable("ai_predictions", {
  id: position("id").notNull().generatedAlwaysAsIdentity(),
  robotId: text("robot_id").notNull(),
  robotType: text("robot_type").notNull(),
  policy: text("policy").notNull(),
  modelVersion: text("model_version").notNull(),
  resultPayload: jsonb("result_payload").notNull(),
  streamId: uuid("stream_id"),
  firstSeq: position("first_seq"),
  lastSeq: position("last_seq"),
  inferMs: real("infer_ms"),
  totalMs: real("total_ms"),
  createdAt: time("created_at").notNull(),
});

/** One row a command, with its present status. */
export const robotCommands = pgTable("robot_commands", {
  id: position("id").primaryKey().generatedAlwaysAsIdentity(),
  commandId: uuid("command_id").notNull(),
  robotId: text("robot_id").notNull(),
  robotType: text("robot_type"),
  command: text("command").notNull(),
  params: jsonb("params").notNull(),
  sender: text("sender").notNull(),
  status: text("status").$type<CommandStatus>().notNull(),
  resultPayload: jsonb("result_payload"),
  streamId: uuid("stream_id"),
  seq: position("seq"),
  createdAt: time("created_at").notNull(),
  updatedAt: time("updated_at").notNull(),
});

/** How far each relay's stream is committed. */
export const relayStreams = pgTable("relay_streams", {
  streamId: uuid("stream_id").primaryKey(),
  relayId: text("relay_id").notNull(),
  committedSeq: position("committed_seq").notNull(),
  updatedAt: time("updated_at").notNull(),
});

/** One row a file of the blob folder. */
export const blobs = pgTable("blobs", {
  sha256: text("sha256").primaryKey(),
  newestDay: date("newest_day").notNull(),
});

/** One row a version of the shape that payloads of a robot type and data type have. */
export const payloadSchemas = pgTable(
  "payload_schemas",
  {
    robotType: text("robot_type").notNull(),
    dataType: text("data_type").notNull(),
    version: integer("version").notNull(),
    schema: jsonb("schema").notNull(),
    changes: jsonb("changes").notNull().default([]),
    sightings: jsonb("sightings").notNull(),
    firstSeen: time("first_seen").notNull(),
    lastSeen: time("last_seen").notNull(),
  },
  (table) => [primaryKey({ columns: [table.robotType, table.dataType, table.version] })],
);
