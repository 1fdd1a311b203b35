/**
 * Guards for what comes over the wire: each answers with the message, or with nothing when it is not one.
 *
 * The contract's own validators need a schema library; the page checks by hand just what it shows.
 */
import type {
  ClockReading,
  CommandAccepted,
  CommandStatus,
  CommandUpdate,
  Failure,
  Packet,
  PayloadSchemaChange,
  Prediction,
  Registered,
  RobotStatus,
} from "@physical-ai/unity-protocol";

/** The data type of a prediction's packet. */
export const predictionType = "ai_prediction";

type Guard = (value: unknown) => boolean;

const isString = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);
const isNumberRecord: Guard = (value) => isRecord(value) && Object.values(value).every(isNumber);

/** A plain JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function optional(guard: Guard): Guard {
  return (value) => value === undefined || guard(value);
}

function oneOf(...allowed: string[]): Guard {
  return (value) => isString(value) && allowed.includes(value);
}

function has(value: unknown, fields: Record<string, Guard>): value is Record<string, unknown> {
  return isRecord(value) && Object.entries(fields).every(([name, guard]) => guard(value[name]));
}

/** `update_data`; `received_at` (on the hub's clock) is there when the hub says it. */
export function isPacket(value: unknown): value is Packet & { received_at?: number } {
  return has(value, {
    robot_id: isString,
    robot_type: isString,
    type: isString,
    ts: optional(isNumber),
    received_at: optional(isNumber),
  });
}

const isAction: Guard = (value) =>
  isNumbers(value) || has(value, { steps: (steps) => Array.isArray(steps) && steps.every(isNumbers), dt_ms: isNumber });

/** The `val` of an `ai_prediction`. */
export function isPrediction(value: unknown): value is Prediction {
  return has(value, {
    policy: isString,
    model_version: isString,
    kind: oneOf("classification", "regression", "action"),
    label: optional(isString),
    confidence: optional(isNumber),
    scores: optional(isNumberRecord),
    values: optional((values) => isNumbers(values) || isNumberRecord(values)),
    action: optional(isAction),
    message: optional(isString),
    input: (input) =>
      has(input, {
        stream_id: optional(isString),
        first_seq: optional(isNumber),
        last_seq: optional(isNumber),
        ts: optional(isNumber),
      }),
    timing: (timing) => has(timing, { queue: isNumber, preprocess: isNumber, infer: isNumber, total: isNumber }),
    command: optional((command) => has(command, { action: isString, params: optional(isRecord) })),
  });
}

/** The contract's, in the order of a command's life; a test holds them to it. */
export const commandStatuses: readonly CommandStatus[] = ["sent", "acknowledged", "failed", "expired", "rejected"];

const isCommandStatus = oneOf(...commandStatuses);

/** `command_update`. */
export function isCommandUpdate(value: unknown): value is CommandUpdate {
  return has(value, {
    command_id: isString,
    robot_id: isString,
    action: isString,
    sender: isString,
    status: isCommandStatus,
  });
}

/** `robot_status`. */
export function isRobotStatus(value: unknown): value is RobotStatus {
  return has(value, {
    kind: oneOf("robot", "brain_worker"),
    id: isString,
    robot_type: optional(isString),
    status: oneOf("online", "silent", "offline"),
    at: isNumber,
  });
}

/** `payload_schema`. */
export function isPayloadSchemaChange(value: unknown): value is PayloadSchemaChange {
  return has(value, {
    robot_type: isString,
    type: isString,
    version: isNumber,
    at: isNumber,
    changes: (changes) => Array.isArray(changes) && changes.every(isString),
  });
}

const isTrue: Guard = (value) => value === true;

/** The answer to `register`. */
export function isRegistered(value: unknown): value is Registered {
  return has(value, { ok: isTrue, protocol: isNumber, server_time: isNumber });
}

/** The answer to `clock`. */
export function isClockReading(value: unknown): value is ClockReading {
  return has(value, { ok: isTrue, server_time: isNumber });
}

/** The answer to `command_request`. */
export function isCommandAccepted(value: unknown): value is CommandAccepted {
  return has(value, { ok: isTrue, command_id: isString, status: isCommandStatus });
}

/** Any event's error answer. */
export function isFailure(value: unknown): value is Failure {
  return has(value, {
    ok: (ok) => ok === false,
    error: (error) => has(error, { code: isString, message: isString }),
  });
}

/** A wall from (x1, y1) to (x2, y2), in metres. */
export type Wall = readonly [x1: number, y1: number, x2: number, y2: number];

/** The `val` of a `map` packet: the room, and the radius of the robot's body in metres. */
export interface RoomMap {
  readonly walls: readonly Wall[];
  readonly radius: number;
}

export function isRoomMap(value: unknown): value is RoomMap {
  return has(value, {
    walls: (walls) => Array.isArray(walls) && walls.every((wall) => isNumbers(wall) && wall.length === 4),
    radius: isNumber,
  });
}

/** The `val` of an `odom` packet: metres, and radians counter-clockwise from the x axis. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly yaw: number;
}

export function isPose(value: unknown): value is Pose {
  return has(value, { x: isNumber, y: isNumber, yaw: isNumber });
}

/** The `val` of an `ultrasound` packet: metres. */
export function isUltrasound(value: unknown): value is { ranges: number[] } {
  return has(value, { ranges: isNumbers });
}

/** The `val` of an `impact` packet: where it happened in metres, and how fast in metres a second. */
export function isImpact(value: unknown): value is { x: number; y: number; speed: number } {
  return has(value, { x: isNumber, y: isNumber, speed: isNumber });
}
