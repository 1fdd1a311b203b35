/** What other hubs say, brought to the paths of this one, and what these know. */
import type { Commander } from "../commands/commander.ts";
import type { LivePath } from "../live/live.ts";
import { fromOtherHub } from "../packet.ts";
import type { LocalHub } from "./cluster.ts";

interface LocalHubDependencies {
  live: Pick<LivePath, "robots" | "fanOut" | "state" | "setHub" | "deliver" | "recall">;
  commander: Pick<Commander, "execute" | "heard">;
  /** Packets that were longer on the way between hubs are not live any more. */
  maxLiveAgeMs: number;
  now?: () => number;
}

/** The cluster's side of a hub. */
export function createLocalHub({ live, commander, maxLiveAgeMs, now = Date.now }: LocalHubDependencies): LocalHub {
  return {
    state: () => live.state(),
    newest: () => live.robots.newestHere(),
    onHub: (hubId, state) => live.setHub(hubId, state),
    onPackets(packets) {
      const age = { now: now(), maxLiveAgeMs };
      const addressed = packets.map(({ packet, received_at: receivedAt, stream_id: streamId, seq, to = [] }) => ({
        ...fromOtherHub({ packet, receivedAt, streamId, seq }, age),
        to,
      }));
      live.deliver(addressed.filter((one) => one.live));
    },
    onNewest: (values) => live.recall(values),
    onPrediction: (packet) => live.fanOut.prediction(packet),
    onCommand: (command, askedBy) => commander.execute(command, askedBy),
    onCommandUpdate(update, again) {
      const isNew = commander.heard(update);
      if (isNew || !again) live.fanOut.commandUpdate(update);
    },
  };
}
