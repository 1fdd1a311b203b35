/** To the viewers of every hub. */
import type { CommandAudience } from "../commands/links.ts";
import type { FanOut } from "../viewers/fan-out.ts";
import type { Cluster } from "./cluster.ts";

/** Sends to this hub's own viewers first. */
export function createSharedFanOut(fanOut: FanOut, cluster: Cluster): Pick<FanOut, "prediction"> & CommandAudience {
  return {
    prediction(packet) {
      fanOut.prediction(packet);
      cluster.prediction(packet);
    },
    commandUpdate(update, askedBy) {
      fanOut.commandUpdate(update);
      cluster.commandUpdate(update, askedBy);
    },
  };
}
