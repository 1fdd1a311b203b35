/** Hubs that meet in Redis, through Socket.IO's adapter for it. */
import { createAdapter } from "@socket.io/redis-streams-adapter";
import type { Logger } from "pino";
import type { HubServer } from "../socket-server.ts";
import type { HubChannel } from "./channel.ts";
import { type HubMessage, validateHubMessage } from "./messages.ts";
import { openRedisLink } from "./redis-link.ts";

const event = "hub_to_hub";
const channelPrefix = "physical-ai";

/**
 * Opens the channel of a Socket.IO server that has no clients yet. Whoever opens it closes it, before the server.
 *
 * Of the adapter's ways this is `serverSideEmit`: it goes by PUBLISH, so Redis keeps nothing, and what a hub misses
 * while it is cut off it does not get late.
 */
export function openRedisChannel(io: HubServer, url: string, logger: Logger): HubChannel {
  const link = openRedisLink(url, logger);
  io.adapter(createAdapter(link.client, { channelPrefix, streamName: channelPrefix }));
  let dropped = 0;

  /** Encoding may fail, on a value that is nested too deeply; `io.serverSideEmit` would let that end the process. */
  async function emit(message: HubMessage): Promise<void> {
    try {
      await io.of("/").adapter.serverSideEmit([event, message]);
    } catch (error) {
      dropped++;
      logger.debug({ err: error, kind: message.kind }, "could not encode a message to other hubs");
    }
  }

  return {
    publish(message) {
      if (link.alone) return false;
      if (!link.writable) {
        dropped++;
        return false;
      }
      void emit(message);
      return true;
    },
    onMessage(hear) {
      io.on(event, (message) => {
        const validation = validateHubMessage(message);
        if (validation.ok) hear(validation.value);
        else logger.warn({ problem: validation.problem }, "another hub sent what this one does not understand");
      });
    },
    get dropped() {
      return dropped + link.failed;
    },
    close: () => link.close(),
  };
}
