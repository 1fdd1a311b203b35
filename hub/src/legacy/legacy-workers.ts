/** Workers of before: each gets every packet of its robot type, one an event, as the relay sent it. */
import type { Packet } from "@physical-ai/unity-protocol";
import type { RemoteWorker } from "../cluster/messages.ts";

/** How a worker of before is reached. */
export interface LegacyWorkerLink {
  workerId: string;
  robotType: string;
  send(packet: Packet): void;
}

/** Keeps those that are here. */
export interface LegacyWorkers {
  add(link: LegacyWorkerLink): void;
  remove(link: LegacyWorkerLink): void;
  give(packet: Packet): void;
  /** For other hubs. */
  here(): RemoteWorker[];
}

/** Makes an empty register. */
export function createLegacyWorkers(): LegacyWorkers {
  const links = new Set<LegacyWorkerLink>();
  return {
    add: (link) => void links.add(link),
    remove: (link) => void links.delete(link),
    give(packet) {
      for (const link of links) if (link.robotType === packet.robot_type) link.send(packet);
    },
    here: () =>
      [...links].map(({ workerId, robotType }) => ({ worker_id: workerId, robot_type: robotType, subscriptions: [] })),
  };
}
