/** Legacy workers, which name no protocol: each gets every packet of its robot type, and makes its robots' bytes. */
import type { HexToHub, Packet, RobotCommand } from "@physical-ai/unity-protocol";
import { expiresAt } from "../commands/command.ts";
import { type AwaitedCommand, type Encoder, Encoders } from "../commands/robot-bytes.ts";
import type { UnroutedWorkers } from "../live/live.ts";
import type { RemoteWorker } from "../live/workers.ts";

/** How a legacy worker is reached. */
interface LegacyWorkerLink {
  workerId: string;
  robotType: string;
  /** Sends a packet as the relay sent it. */
  send(packet: Packet): void;
  /** Missing where it said which robots' commands it takes, as newer workers do. */
  encode?: (command: RobotCommand) => void;
}

/** Those that are here. Holds connections, and closes none: whoever adds one takes it out when it ends. */
export class LegacyWorkers implements UnroutedWorkers {
  readonly #links = new Set<LegacyWorkerLink>();
  readonly #encoders = new Encoders();

  /** Adds one. The function that comes back takes it out again. */
  add(link: LegacyWorkerLink): () => void {
    const { workerId, robotType, encode } = link;
    this.#links.add(link);
    const leaveEncoders =
      encode === undefined ? undefined : this.#encoders.add({ workerId, robotTypes: [robotType], send: encode });
    return () => {
      this.#links.delete(link);
      leaveEncoders?.();
    };
  }

  give(packet: Packet): void {
    for (const link of this.#links) if (link.robotType === packet.robot_type) link.send(packet);
  }

  here(): RemoteWorker[] {
    return [...this.#links].map(({ workerId, robotType }) => ({
      worker_id: workerId,
      robot_type: robotType,
      subscriptions: [],
    }));
  }

  /** Who makes bytes for a legacy relay, where no worker has said that it does. */
  findEncoder(robotId: string, robotType: string | undefined): Encoder | undefined {
    return this.#encoders.find(robotId, robotType);
  }
}

/**
 * Legacy workers do not say which command their bytes are for, but they answer in order: it is the oldest one in time that
 * waits for a robot of this relay.
 */
export function matchOldest(
  { relay_id, robot_id }: HexToHub,
  awaited: Iterable<AwaitedCommand>,
  now: number,
): string | undefined {
  for (const { command, relayId } of awaited) {
    const { robotId, commandId } = command.row;
    if (relayId === relay_id && (robot_id ?? robotId) === robotId && expiresAt(command) > now) return commandId;
  }
  return undefined;
}
