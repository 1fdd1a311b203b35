/** From a line of stored data to a packet, as the worker would have received it. */
import {
  compileValidator,
  Packet,
  preview,
  type RawPacket,
  type Validation,
  validate,
} from "@physical-ai/unity-protocol";
import Type from "typebox";

/** A row as `to_jsonb(robot_telemetry)` gives it; other columns are ignored. */
const TelemetryRow = Type.Object({
  robot_id: Packet.properties.robot_id,
  robot_type: Packet.properties.robot_type,
  data_type: Packet.properties.type,
  payload: Type.Object({ value: Type.Unknown() }),
  /** ISO 8601. */
  created_at: Type.String(),
  stream_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  seq: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
});
const validateRow = compileValidator("a row of robot_telemetry", TelemetryRow);

/** Reads a line of NDJSON: a packet, or a row of `robot_telemetry`. */
export function parseStoredRow(line: string): Validation<RawPacket> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { ok: false, problem: `expected a JSON object; ${error instanceof Error ? error.message : String(error)}` };
  }
  const isRow = typeof value === "object" && value !== null && "data_type" in value;
  return isRow ? fromRow(value) : fromPacket(value);
}

function fromPacket(value: unknown): Validation<RawPacket> {
  const packet = validate.packet(value);
  return packet.ok ? { ok: true, value: { ...packet.value, received_at: packet.value.ts ?? 0 } } : packet;
}

function fromRow(value: unknown): Validation<RawPacket> {
  const checked = validateRow(value);
  if (!checked.ok) return checked;
  const { robot_id, robot_type, data_type, payload, created_at, stream_id, seq } = checked.value;
  const ts = Date.parse(created_at);
  if (Number.isNaN(ts)) {
    return {
      ok: false,
      problem: `a row of robot_telemetry: created_at must be a time in ISO 8601; got ${preview(created_at)}`,
    };
  }
  const origin = { ...(stream_id ? { stream_id } : {}), ...(seq ? { seq } : {}) };
  return {
    ok: true,
    value: { robot_id, robot_type, type: data_type, val: payload.value, ts, received_at: ts, ...origin },
  };
}
