/** Commands that wait at workers for the bytes that their robots understand. */
import type { HexToHub } from "@physical-ai/unity-protocol";
import { type Command, expiresAt, robotCommandOf } from "./command.ts";
import type { Encoder } from "./links.ts";

/** Hands commands to workers, and finds them again when their bytes come. */
export interface Encoding {
  /** So many wait at the worker that it gets no more. */
  isFull(encoder: Encoder): boolean;
  /** @param relayId of the relay that is to have the bytes */
  begin(command: Command, encoder: Encoder, relayId: string): void;
  /**
   * The command that a worker's bytes are for, which then waits no longer: the one that they name, or else the oldest one
   * in time that waits at this worker for a robot of this relay.
   */
  take(workerId: string, bytes: HexToHub): Command | undefined;
  /** Those that have waited too long, which then wait no longer. */
  takeExpired(): Command[];
  readonly size: number;
}

interface Waiting {
  command: Command;
  relayId: string;
}

const maxWaitingPerWorker = 1_000;

/** Makes it; nothing waits yet. `now` is the clock, in epoch milliseconds. */
export function createEncoding(now: () => number): Encoding {
  /** By worker and command id. */
  const queues = new Map<string, Map<string, Waiting>>();

  function remove(workerId: string, commandId: string): void {
    const queue = queues.get(workerId);
    queue?.delete(commandId);
    if (queue?.size === 0) queues.delete(workerId);
  }

  /** Workers of before do not say which command their bytes are for, but they answer in order. */
  function idOfOldest(workerId: string, { relay_id, robot_id }: HexToHub): string | undefined {
    for (const [commandId, { command, relayId }] of queues.get(workerId) ?? []) {
      const isFor = relayId === relay_id && (robot_id ?? command.row.robotId) === command.row.robotId;
      if (isFor && expiresAt(command) > now()) return commandId;
    }
    return undefined;
  }

  return {
    isFull: ({ workerId }) => (queues.get(workerId)?.size ?? 0) >= maxWaitingPerWorker,
    begin(command, encoder, relayId) {
      const queue = queues.get(encoder.workerId) ?? new Map<string, Waiting>();
      queues.set(encoder.workerId, queue.set(command.row.commandId, { command, relayId }));
      encoder.send(robotCommandOf(command));
    },
    take(workerId, bytes) {
      const commandId = bytes.command_id?.toLowerCase() ?? idOfOldest(workerId, bytes);
      if (commandId === undefined) return undefined;
      const waiting = queues.get(workerId)?.get(commandId);
      remove(workerId, commandId);
      return waiting?.command;
    },
    takeExpired() {
      const expired: Command[] = [];
      for (const [workerId, queue] of queues) {
        for (const [commandId, { command }] of queue) {
          if (expiresAt(command) > now()) continue;
          remove(workerId, commandId);
          expired.push(command);
        }
      }
      return expired;
    },
    get size() {
      let size = 0;
      for (const queue of queues.values()) size += queue.size;
      return size;
    },
  };
}
