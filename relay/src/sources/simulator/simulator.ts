/**
 * A simulated robot in a room: a deterministic world that only `step` moves on.
 *
 * The same seed, commands and steps give the same packets, however long the single steps are.
 */
import type { Packet, RobotAnswer, RobotCommand } from "@physical-ai/unity-protocol";
import {
  bodyRadius,
  type Contact,
  clearance,
  collide,
  drain,
  drive,
  type Motion,
  readDriveCommand,
  type Velocity,
} from "./body.ts";
import type { Pose } from "./geometry.ts";
import { Random } from "./random.ts";
import { createRoom, type SimulatedRoom } from "./room.ts";
import { ForceTorqueSensor, measureRanges } from "./sensors.ts";

/** The world moves on by this much at a time, in milliseconds. */
const tickMs = 1;
/** Without a new command for so long the robot stops. */
const watchdogMs = 1_000;
/** A touch ends when the body is this far from the wall, in metres; the next one is a new collision. */
const contactEndsAt = 0.02;
const gravity = 9.81;

interface SimulatorOptions {
  /** Decides the room, the start and the sensors' noise; 1 when missing. */
  seed?: number;
  /** `EP01` when missing. */
  robotId?: string;
  /** `EP01` when missing. */
  robotType?: string;
  /** The packets' time at simulated time 0, epoch milliseconds; 0 when missing. */
  startTs?: number;
}

/** What is true in the simulated world, whatever the sensors say. */
interface SimulatorState {
  /** Simulated milliseconds since the start. */
  timeMs: number;
  pose: Pose;
  velocity: Velocity;
  /** Distinct touches of a wall. */
  collisions: number;
  /** The room between the body and the nearest wall, in metres. */
  clearance: number;
  /** Percent. */
  battery: number;
}

/** A sensor is read every `everyMs`, first after `firstMs`. */
interface Sensor {
  type: string;
  everyMs: number;
  firstMs: number;
  read: () => unknown;
}

/** A robot, at rest at first, in a room of its own. */
export class Simulator {
  readonly robotId: string;
  readonly robotType: string;
  readonly room: SimulatedRoom;
  readonly #startTs: number;
  readonly #random: Random;
  readonly #forceTorque: ForceTorqueSensor;
  readonly #sensors: readonly (Sensor & { readings: number })[];
  #timeMs = 0;
  #owedMs = 0;
  #motion: Motion;
  #acceleration = 0;
  #wanted: Velocity = { linear: 0, angular: 0 };
  #commandedAt = Number.NEGATIVE_INFINITY;
  #contact: Contact | undefined;
  #collisions = 0;
  #battery: number;

  constructor({ seed = 1, robotId = "EP01", robotType = "EP01", startTs = 0 }: SimulatorOptions = {}) {
    this.robotId = robotId;
    this.robotType = robotType;
    this.#startTs = startTs;
    this.#random = new Random(seed);
    this.room = createRoom(this.#random);
    this.#motion = { pose: this.room.start, velocity: { linear: 0, angular: 0 } };
    this.#battery = this.#random.between(85, 100);
    this.#forceTorque = new ForceTorqueSensor(this.#random);
    this.#sensors = this.#fitSensors().map((sensor) => ({ ...sensor, readings: 0 }));
  }

  get state(): SimulatorState {
    return {
      timeMs: this.#timeMs,
      pose: { ...this.#motion.pose },
      velocity: { ...this.#motion.velocity },
      collisions: this.#collisions,
      clearance: clearance(this.#motion.pose, this.room.walls),
      battery: this.#battery,
    };
  }

  /** Moves the world on by `dtMs` milliseconds; answers the packets of that time, oldest first. */
  step(dtMs: number): Packet[] {
    const packets: Packet[] = [];
    for (this.#owedMs += dtMs; this.#owedMs >= tickMs; this.#owedMs -= tickMs) this.#tick(packets);
    return packets;
  }

  /** Obeys `drive` (`{linear, angular}`, holds until the next command, at most 1 s) and `stop`. */
  apply(command: Pick<RobotCommand, "action" | "params">): RobotAnswer {
    const request = readDriveCommand(command);
    if (!request.ok) return { status: "failed", result: { message: request.problem } };
    this.#wanted = request.velocity;
    this.#commandedAt = this.#timeMs;
    return { status: "acknowledged" };
  }

  #tick(packets: Packet[]): void {
    this.#readSensors(packets);
    this.#timeMs += tickMs;
    if (this.#timeMs - this.#commandedAt >= watchdogMs) this.#wanted = { linear: 0, angular: 0 };
    const seconds = tickMs / 1_000;
    const moved = drive(this.#motion, this.#wanted, seconds);
    const { motion, contact } = collide(moved, this.room.walls);
    this.#acceleration = (motion.velocity.linear - this.#motion.velocity.linear) / seconds;
    this.#motion = motion;
    this.#battery = drain(this.#battery, motion.velocity, seconds);
    this.#touch(contact, packets);
  }

  #touch(contact: Contact | undefined, packets: Packet[]): void {
    if (contact !== undefined && this.#contact === undefined) {
      this.#collisions += 1;
      this.#forceTorque.bump(contact);
      const { point, speed } = contact;
      packets.push(this.#packet("impact", { x: round(point.x, 3), y: round(point.y, 3), speed: round(speed, 3) }));
    }
    if (contact !== undefined) this.#contact = contact;
    else if (this.#contact && clearance(this.#motion.pose, this.room.walls) > contactEndsAt) this.#contact = undefined;
  }

  #readSensors(packets: Packet[]): void {
    for (const sensor of this.#sensors) {
      if (this.#timeMs < sensor.firstMs + sensor.readings * sensor.everyMs) continue;
      sensor.readings += 1;
      packets.push(this.#packet(sensor.type, sensor.read()));
    }
  }

  #packet(type: string, val: unknown): Packet {
    return { robot_id: this.robotId, robot_type: this.robotType, type, val, ts: this.#startTs + this.#timeMs };
  }

  /** First readings are spread, so that packets do not come in bursts. */
  #fitSensors(): Sensor[] {
    return [
      { type: "map", everyMs: 10_000, firstMs: 0, read: () => this.#readMap() },
      { type: "ultrasound", everyMs: 1_000 / 9, firstMs: 10, read: () => this.#readUltrasound() },
      { type: "odom", everyMs: 100, firstMs: 20, read: () => this.#readOdometry() },
      { type: "imu", everyMs: 100, firstMs: 30, read: () => this.#readImu() },
      { type: "force_torque", everyMs: 21, firstMs: 5, read: () => this.#readForceTorque() },
      { type: "battery", everyMs: 1_000, firstMs: 40, read: () => round(this.#battery, 2) },
    ];
  }

  #readMap() {
    const walls = this.room.walls.map(({ a, b }) => [a.x, a.y, b.x, b.y].map((metres) => round(metres, 3)));
    return { walls, radius: bodyRadius };
  }

  #readUltrasound() {
    return { ranges: measureRanges(this.#motion.pose, this.room.walls, this.#random) };
  }

  #readOdometry() {
    const { pose, velocity } = this.#motion;
    return {
      x: round(pose.x, 3),
      y: round(pose.y, 3),
      yaw: round(pose.yaw, 4),
      linear: round(velocity.linear, 3),
      angular: round(velocity.angular, 3),
      frame: "map",
    };
  }

  #readImu() {
    const { linear, angular } = this.#motion.velocity;
    const noisy = (value: number, deviation: number) => round(value + this.#random.gaussian(deviation), 4);
    return {
      acc: [noisy(this.#acceleration, 0.03), noisy(linear * angular, 0.03), noisy(gravity, 0.03)],
      gyro: [noisy(0, 0.003), noisy(0, 0.003), noisy(angular, 0.003)],
    };
  }

  #readForceTorque() {
    return { wrench: this.#forceTorque.sample(this.#motion.velocity, this.#contact) };
  }
}

/** Rounded to decimals, and never minus zero. */
function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale + 0;
}
