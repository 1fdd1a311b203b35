/** What the page knows: fed with messages and times, read by the panels. No document, no socket, no clock of its own. */
import {
  type CommandUpdate,
  type Packet,
  type PayloadSchemaChange,
  predictionType,
  type RobotStatus,
  validate,
} from "@physical-ai/unity-protocol";
import { RateMeter, Ring, remember } from "./bounded.ts";
import { Commands } from "./commands.ts";
import { Predictions } from "./predictions.ts";
import { Scene } from "./scene.ts";
import { type SchemaChange, SchemaChanges } from "./schema-changes.ts";

export type Presence = RobotStatus["status"];

/** How the page stands with the hub. */
export type ConnectionState =
  | { phase: "connecting" }
  | { phase: "connected" }
  | { phase: "reconnecting"; reason: string }
  | { phase: "refused"; reason: string }
  /** The hub sent the page away, and would again. */
  | { phase: "dismissed"; reason: string };

/** A scalar at a time (epoch ms). */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** The newest value of one data type of one robot. */
export interface Reading {
  readonly type: string;
  value: unknown;
  at: number;
  readonly rate: RateMeter;
  /** The last minute, for scalars. */
  readonly history: Ring<Sample>;
}

export interface Robot {
  readonly id: string;
  type: string;
  packetAt: number | undefined;
  reported: { presence: Presence; at: number } | undefined;
  battery: number | undefined;
  readonly readings: Map<string, Reading>;
  readonly predictions: Predictions;
  readonly scene: Scene;
}

export interface Worker {
  readonly id: string;
  readonly presence: Presence;
}

const silentAfterMs = 5_000;
const historyMs = 60_000;
const samplesKept = 240;

/** What keeps the page's memory bounded. */
const limits = { robots: 200, readings: 60, workers: 50 };

/** Everything that the page shows. Times are epoch milliseconds of the page's clock. */
export class State {
  readonly robots = new Map<string, Robot>();
  readonly workers = new Map<string, Worker>();
  readonly messageRate = new RateMeter();
  readonly commands = new Commands();
  readonly schemaChanges = new SchemaChanges();
  connection: ConnectionState = { phase: "connecting" };
  roundTripMs: number | undefined;
  /** The first robot that sends something, until somebody chooses another. */
  selectedId: string | undefined;
  readonly #onChange: () => void;

  /** @param onChange called after every change; must be cheap */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get selected(): Robot | undefined {
    return this.selectedId === undefined ? undefined : this.robots.get(this.selectedId);
  }

  select(robotId: string): void {
    this.selectedId = robotId;
    this.#onChange();
  }

  /** Without a connection nobody knows who is there; the hub tells anew after the next one. */
  setConnection(connection: ConnectionState): void {
    this.connection = connection;
    if (connection.phase !== "connected") {
      this.roundTripMs = undefined;
      this.workers.clear();
    }
    this.#onChange();
  }

  setRoundTrip(ms: number): void {
    this.roundTripMs = ms;
    this.#onChange();
  }

  /** Takes telemetry or a prediction. */
  takePacket(packet: Packet, at: number): void {
    const robot = this.#robot(packet.robot_id, packet.robot_type);
    robot.packetAt = Math.max(at, robot.packetAt ?? 0);
    this.selectedId ??= robot.id;
    if (packet.type === predictionType) takePrediction(robot, packet.val, at);
    else takeReading(robot, packet, at);
    this.#onChange();
  }

  takeStatus(status: RobotStatus, at: number): void {
    if (status.kind === "robot") {
      this.#robot(status.id, status.robot_type ?? "").reported = { presence: status.status, at };
    } else if (status.status === "offline") {
      this.workers.delete(status.id);
    } else {
      remember(this.workers, status.id, { id: status.id, presence: status.status }, limits.workers);
    }
    this.#onChange();
  }

  takeSchemaChange(change: PayloadSchemaChange, at: number): void {
    if (this.schemaChanges.take(change, at)) this.#onChange();
  }

  dismissSchemaChange(change: SchemaChange): void {
    this.schemaChanges.dismiss(change);
    this.#onChange();
  }

  takeCommandUpdate(update: CommandUpdate, at: number): void {
    this.commands.take(update, at);
    this.#onChange();
  }

  #robot(id: string, type: string): Robot {
    const known = this.robots.get(id);
    if (known !== undefined) {
      if (type !== "") known.type = type;
      return known;
    }
    if (this.robots.size >= limits.robots) this.#forgetLongestSilent();
    const robot: Robot = {
      id,
      type,
      packetAt: undefined,
      reported: undefined,
      battery: undefined,
      readings: new Map(),
      predictions: new Predictions(),
      scene: new Scene(),
    };
    this.robots.set(id, robot);
    return robot;
  }

  #forgetLongestSilent(): void {
    const others = [...this.robots.values()].filter((robot) => robot.id !== this.selectedId);
    const oldest = others.reduce((a, b) => ((b.packetAt ?? 0) < (a.packetAt ?? 0) ? b : a));
    this.robots.delete(oldest.id);
  }
}

function takePrediction(robot: Robot, val: unknown, at: number): void {
  const prediction = validate.prediction(val);
  if (prediction.ok) robot.predictions.take(prediction.value, at);
}

function takeReading(robot: Robot, { type, val }: Packet, at: number): void {
  const reading = robot.readings.get(type) ?? {
    type,
    value: undefined,
    at,
    rate: new RateMeter(),
    history: new Ring<Sample>(samplesKept),
  };
  reading.value = val;
  reading.at = at;
  reading.rate.count(at);
  if (typeof val === "number" && at - (reading.history.newest?.at ?? 0) >= historyMs / samplesKept) {
    reading.history.push({ at, value: val });
  }
  remember(robot.readings, type, reading, limits.readings);
  if (type === "battery" && typeof val === "number") robot.battery = val;
  robot.scene.take(type, val);
}

/** What the hub last said of a robot, unless packets came since; then how long ago they came. */
export function presenceOf(robot: Robot, now: number): Presence {
  const packetAt = robot.packetAt ?? 0;
  if (robot.reported !== undefined && robot.reported.at >= packetAt) return robot.reported.presence;
  return now - packetAt > silentAfterMs ? "silent" : "online";
}
