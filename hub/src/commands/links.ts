/** How commands leave the hub: to relays, to workers that make bytes, to other hubs; and who is told what becomes of them. */
import type { CommandUpdate, RobotBytes, RobotCommand } from "@physical-ai/unity-protocol";
import type { ForwardedCommand } from "../cluster/messages.ts";

/** How to reach a relay. */
export interface RelayLink {
  relayId: string;
  /** Relays of before do not answer, and take nothing but bytes. */
  answers: boolean;
  /** So many commands wait for its answer that it gets no more. */
  readonly busy: boolean;
  /** Resolves with the relay's answer; rejects when none comes in `timeoutMs`. */
  send(message: RobotCommand | RobotBytes, timeoutMs: number): Promise<unknown>;
}

/** How to reach a brain worker that turns commands into the bytes that its robots understand. */
export interface Encoder {
  workerId: string;
  /** The types of robots whose commands it takes. */
  robotTypes: readonly string[];
  /** A worker of before: it says what it works for, and nothing about commands. */
  legacy: boolean;
  send(command: RobotCommand): void;
}

/** How to reach the hub that has a robot's relay. */
export interface HubLink {
  /** Returns false when it cannot be reached now. */
  send(command: ForwardedCommand): boolean;
}

/** Who is told what becomes of commands. `askedBy` is the hub that forwarded it. */
export interface CommandAudience {
  commandUpdate(update: CommandUpdate, askedBy?: string): void;
}
