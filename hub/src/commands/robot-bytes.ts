/** Commands for robots that understand only bytes: the workers that make these, and the commands that wait for them. */
import { Buffer } from "node:buffer";
import type { HexToHub, RobotCommand } from "@physical-ai/unity-protocol";
import { chooseByRendezvous } from "../rendezvous.ts";
import { type Command, expiresAt, robotCommandOf } from "./command.ts";

/** How to reach a brain worker that turns commands into the bytes that its robots understand. */
export interface Encoder {
  workerId: string;
  /** The types of robots whose commands it takes. */
  robotTypes: readonly string[];
  send(command: RobotCommand): void;
}

/** The encoders that are here. Holds connections, and closes none: whoever adds one takes it out when it ends. */
export class Encoders {
  readonly #encoders = new Set<Encoder>();

  /** Adds one. The function that comes back takes it out again. */
  add(encoder: Encoder): () => void {
    this.#encoders.add(encoder);
    return () => void this.#encoders.delete(encoder);
  }

  /** Who makes the bytes of a robot's commands, if anybody does: always the same one while none comes or goes. */
  find(robotId: string, robotType: string | undefined): Encoder | undefined {
    if (robotType === undefined) return undefined;
    const able = [...this.#encoders].filter(({ robotTypes }) => robotTypes.includes(robotType));
    return chooseByRendezvous(robotId, able, ({ workerId }) => workerId);
  }
}

/** A command whose bytes, once a worker has made them, go to a relay. */
export interface AwaitedCommand {
  command: Command;
  relayId: string;
}

/** Finds the id of the command that bytes without an id are for, among those that wait at their worker, oldest first. */
export type MatchUnnamed = (bytes: HexToHub, awaited: Iterable<AwaitedCommand>, now: number) => string | undefined;

const maxWaitingPerWorker = 1_000;

/** Commands that wait at workers for their bytes. */
export class AwaitedBytes {
  readonly #matchUnnamed: MatchUnnamed;
  readonly #now: () => number;
  /** By worker and command id. */
  readonly #queues = new Map<string, Map<string, AwaitedCommand>>();

  /** @param now the clock, in epoch milliseconds */
  constructor(matchUnnamed: MatchUnnamed, now: () => number) {
    this.#matchUnnamed = matchUnnamed;
    this.#now = now;
  }

  /** So many wait at the worker that it gets no more. */
  isFull({ workerId }: Encoder): boolean {
    return (this.#queues.get(workerId)?.size ?? 0) >= maxWaitingPerWorker;
  }

  /** @param relayId of the relay that is to have the bytes */
  begin(command: Command, encoder: Encoder, relayId: string): void {
    const queue = this.#queues.get(encoder.workerId) ?? new Map<string, AwaitedCommand>();
    this.#queues.set(encoder.workerId, queue.set(command.row.commandId, { command, relayId }));
    encoder.send(robotCommandOf(command));
  }

  /** The command that a worker's bytes are for, which then waits no longer. */
  take(workerId: string, bytes: HexToHub): Command | undefined {
    const queue = this.#queues.get(workerId);
    if (queue === undefined) return undefined;
    const commandId = bytes.command_id?.toLowerCase() ?? this.#matchUnnamed(bytes, queue.values(), this.#now());
    if (commandId === undefined) return undefined;
    const awaited = queue.get(commandId);
    this.#remove(workerId, commandId);
    return awaited?.command;
  }

  /** Those that have waited too long, which then wait no longer. */
  takeExpired(): Command[] {
    const expired: Command[] = [];
    for (const [workerId, queue] of this.#queues) {
      for (const [commandId, { command }] of queue) {
        if (expiresAt(command) > this.#now()) continue;
        this.#remove(workerId, commandId);
        expired.push(command);
      }
    }
    return expired;
  }

  get size(): number {
    let size = 0;
    for (const queue of this.#queues.values()) size += queue.size;
    return size;
  }

  #remove(workerId: string, commandId: string): void {
    const queue = this.#queues.get(workerId);
    queue?.delete(commandId);
    if (queue?.size === 0) this.#queues.delete(workerId);
  }
}

/** The bytes of a `hex_to_hub` as hex digits; `undefined` for what is neither hex text nor bytes, or none at all. */
export function hexOf(payload: unknown): string | undefined {
  const digits = typeof payload === "string" ? digitsOf(payload) : bytesOf(payload)?.toString("hex");
  return digits !== undefined && /^[0-9a-f]+$/.test(digits) && digits.length % 2 === 0 ? digits : undefined;
}

/** People write spaces, commas, colons, and 0x before each byte. */
function digitsOf(text: string): string {
  return text.toLowerCase().replaceAll(/\b0x|[\s,:-]/g, "");
}

function bytesOf(payload: unknown): Buffer | undefined {
  if (payload instanceof Uint8Array) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.isArray(payload) && payload.every(isByte) ? Buffer.from(payload) : undefined;
}

const isByte = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
