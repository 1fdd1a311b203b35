/** What the page knows: fed with messages and times, read by the panels. No document, no socket, no clock of its own. */
import type {
  CommandStatus,
  CommandUpdate,
  Packet,
  PayloadSchemaChange,
  Prediction,
  RobotStatus,
} from "@physical-ai/unity-protocol";
import { RateMeter } from "./rate-meter.ts";
import { Ring } from "./ring.ts";
import { createScene, type Scene, showInScene } from "./scene.ts";
import { isPrediction, predictionType } from "./wire.ts";

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

/** Predictions of one policy with the same label, one after the other; the newest is kept. */
export interface PredictionRun {
  readonly id: number;
  readonly startedAt: number;
  prediction: Prediction;
  count: number;
  at: number;
}

/** The newest message that a policy has for people. */
export interface Alert {
  readonly policy: string;
  readonly message: string;
  /** The `80` of "Collision risk 80%". */
  readonly percent: number | undefined;
  /** True where a high percentage is bad news. */
  readonly isRisk: boolean;
  readonly at: number;
}

/** Commands of one sender to one robot with the same action, one after the other. */
export interface CommandRun {
  readonly id: number;
  readonly robotId: string;
  readonly sender: string;
  readonly action: string;
  readonly counts: Map<CommandStatus, number>;
  newest: CommandUpdate;
  at: number;
}

/** A payload that has begun to look different; `at` is on the page's clock. */
export type SchemaChange = Readonly<PayloadSchemaChange>;

export interface Robot {
  readonly id: string;
  type: string;
  packetAt: number | undefined;
  reported: { presence: Presence; at: number } | undefined;
  battery: number | undefined;
  readonly readings: Map<string, Reading>;
  /** Newest first. */
  predictionRuns: PredictionRun[];
  readonly alerts: Map<string, Alert>;
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
const limits = {
  robots: 200,
  readings: 60,
  predictionRuns: 12,
  alerts: 4,
  commandRuns: 10,
  commands: 200,
  workers: 50,
  schemaChanges: 5,
  dismissed: 200,
};

/** Everything that the page shows. Times are epoch milliseconds of the page's clock. */
export class State {
  readonly robots = new Map<string, Robot>();
  readonly workers = new Map<string, Worker>();
  readonly messageRate = new RateMeter();
  /** Newest first. */
  commandRuns: CommandRun[] = [];
  /** Newest first, without those that somebody has taken note of. */
  schemaChanges: SchemaChange[] = [];
  connection: ConnectionState = { phase: "connecting" };
  roundTripMs: number | undefined;
  /** The first robot that sends something, until somebody chooses another. */
  selectedId: string | undefined;
  readonly #commands = new Map<string, { status: CommandStatus; run: CommandRun }>();
  readonly #dismissedChanges = new Map<string, true>();
  readonly #onChange: () => void;
  #lastRunId = 0;

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
    if (packet.type !== predictionType) this.#takeReading(robot, packet, at);
    else if (isPrediction(packet.val)) this.#takePrediction(robot, packet.val, at);
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

  /** The hub tells again after each reconnection. */
  takeSchemaChange(change: PayloadSchemaChange, at: number): void {
    const key = keyOfChange(change);
    if (this.#dismissedChanges.has(key) || this.schemaChanges.some((known) => keyOfChange(known) === key)) return;
    const changes = [{ ...change, at }, ...this.schemaChanges];
    this.schemaChanges = changes.sort((a, b) => b.at - a.at).slice(0, limits.schemaChanges);
    this.#onChange();
  }

  dismissSchemaChange(change: SchemaChange): void {
    remember(this.#dismissedChanges, keyOfChange(change), true, limits.dismissed);
    this.schemaChanges = this.schemaChanges.filter((known) => known !== change);
    this.#onChange();
  }

  takeCommandUpdate(update: CommandUpdate, at: number): void {
    const known = this.#commands.get(update.command_id);
    const run = known?.run ?? this.#commandRun(update, at);
    if (known !== undefined) run.counts.set(known.status, (run.counts.get(known.status) ?? 1) - 1);
    run.counts.set(update.status, (run.counts.get(update.status) ?? 0) + 1);
    run.newest = update;
    run.at = at;
    remember(this.#commands, update.command_id, { status: update.status, run }, limits.commands);
    this.#onChange();
  }

  /** Where a command stands, while it is remembered. */
  commandStatus(commandId: string): CommandStatus | undefined {
    return this.#commands.get(commandId)?.status;
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
      predictionRuns: [],
      alerts: new Map(),
      scene: createScene(),
    };
    this.robots.set(id, robot);
    return robot;
  }

  #forgetLongestSilent(): void {
    const others = [...this.robots.values()].filter((robot) => robot.id !== this.selectedId);
    const oldest = others.reduce((a, b) => ((b.packetAt ?? 0) < (a.packetAt ?? 0) ? b : a));
    this.robots.delete(oldest.id);
  }

  #takeReading(robot: Robot, packet: Packet, at: number): void {
    const reading = robot.readings.get(packet.type) ?? {
      type: packet.type,
      value: undefined,
      at,
      rate: new RateMeter(),
      history: new Ring<Sample>(samplesKept),
    };
    reading.value = packet.val;
    reading.at = at;
    reading.rate.count(at);
    if (typeof packet.val === "number" && at - (reading.history.newest?.at ?? 0) >= historyMs / samplesKept) {
      reading.history.push({ at, value: packet.val });
    }
    remember(robot.readings, packet.type, reading, limits.readings);
    if (packet.type === "battery" && typeof packet.val === "number") robot.battery = packet.val;
    showInScene(robot.scene, packet.type, packet.val);
  }

  #takePrediction(robot: Robot, prediction: Prediction, at: number): void {
    const run = robot.predictionRuns.find((candidate) => candidate.prediction.policy === prediction.policy);
    if (run !== undefined && sameInput(run.prediction, prediction)) return;
    if (run !== undefined && run.prediction.label === prediction.label) {
      run.prediction = prediction;
      run.count += 1;
      run.at = at;
    } else {
      const started = { id: this.#nextRunId(), prediction, count: 1, startedAt: at, at };
      robot.predictionRuns = [started, ...robot.predictionRuns].slice(0, limits.predictionRuns);
    }
    if (prediction.message !== undefined) {
      remember(robot.alerts, prediction.policy, alertOf(prediction.policy, prediction.message, at), limits.alerts);
    }
  }

  #commandRun(update: CommandUpdate, at: number): CommandRun {
    const run = this.commandRuns.find(
      (candidate) => candidate.robotId === update.robot_id && candidate.sender === update.sender,
    );
    if (run !== undefined && run.action === update.action) return run;
    const started: CommandRun = {
      id: this.#nextRunId(),
      robotId: update.robot_id,
      sender: update.sender,
      action: update.action,
      counts: new Map(),
      newest: update,
      at,
    };
    this.commandRuns = [started, ...this.commandRuns].slice(0, limits.commandRuns);
    return started;
  }

  #nextRunId(): number {
    this.#lastRunId += 1;
    return this.#lastRunId;
  }
}

/** Tells changes of shapes apart. */
export function keyOfChange({ robot_type, type, version }: SchemaChange): string {
  return JSON.stringify([robot_type, type, version]);
}

/** What the hub last said of a robot, unless packets came since; then how long ago they came. */
export function presenceOf(robot: Robot, now: number): Presence {
  const packetAt = robot.packetAt ?? 0;
  if (robot.reported !== undefined && robot.reported.at >= packetAt) return robot.reported.presence;
  return now - packetAt > silentAfterMs ? "silent" : "online";
}

/** Reads a policy's message. */
export function alertOf(policy: string, message: string, at: number): Alert {
  const percent = /(\d+(?:\.\d+)?)\s*%/.exec(message)?.[1];
  return {
    policy,
    message,
    percent: percent === undefined ? undefined : Math.min(100, Number(percent)),
    isRisk: /risk/i.test(message),
    at,
  };
}

/** A prediction that is told again, as after a reconnect. */
function sameInput(a: Prediction, b: Prediction): boolean {
  return (
    b.input.last_seq !== undefined && a.input.last_seq === b.input.last_seq && a.input.stream_id === b.input.stream_id
  );
}

/** Sets a key; when there are more than `limit`, the one that was added first goes. */
function remember<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > limit && first !== undefined) map.delete(first);
}
