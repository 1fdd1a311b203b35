/** What other hubs say, brought to the parts of this one, and what these know. */

import type { Commander } from "../commands/commander.ts";
import type { Robots } from "../live/robots/robots.ts";
import type { FanOut } from "../live/viewers/fan-out.ts";
import type { WorkerPool } from "../live/workers/worker-pool.ts";
import { fromOtherHub } from "../packet.ts";
import type { LocalHub } from "./cluster.ts";

interface LocalHubDependencies {
  robots: Robots<unknown>;
  pool: WorkerPool;
  fanOut: FanOut;
  commander: Commander;
  /** Packets that were longer on the way between hubs are not live any more. */
  maxLiveAgeMs: number;
  now?: () => number;
}

/** Makes the cluster's side of a hub. */
export function createLocalHub({
  robots,
  pool,
  fanOut,
  commander,
  maxLiveAgeMs,
  now = Date.now,
}: LocalHubDependencies): LocalHub {
  return {
    state: () => ({ robots: robots.here(), workers: pool.here(), viewers: fanOut.filters() }),
    newest: () => robots.newestHere(),
    onHub(hubId, state) {
      robots.setElsewhere(hubId, state?.robots ?? []);
      pool.setElsewhere(hubId, state?.workers ?? []);
    },
    onPackets(packets) {
      const age = { now: now(), maxLiveAgeMs };
      const live = packets
        .map(({ packet, received_at: receivedAt, stream_id: streamId, seq, to = [] }) => ({
          ...fromOtherHub({ packet, receivedAt, streamId, seq }, age),
          to,
        }))
        .filter((one) => one.live);
      pool.deliver(live);
      for (const { packet, receivedAt } of live) {
        robots.remember(packet, receivedAt, false);
        fanOut.telemetry(packet);
      }
    },
    onNewest(values) {
      for (const value of values) {
        const stamped = { ...value.packet, received_at: value.received_at };
        if (robots.recall(value)) fanOut.telemetry(stamped);
      }
    },
    onPrediction: (packet) => fanOut.prediction(packet),
    onCommand: (command, askedBy) => commander.execute(command, askedBy),
    onCommandUpdate(update, again) {
      const isNew = commander.heard(update);
      if (isNew || !again) fanOut.commandUpdate(update);
    },
  };
}
