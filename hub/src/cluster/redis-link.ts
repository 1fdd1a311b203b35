/**
 * Redis as Socket.IO's adapter needs it: commands that never fail, and a bound on what is under way.
 *
 * The adapter leaves failed commands to nobody, which would end the process, and reads in a loop without a pause when
 * reading fails, which would stop it. So it does not get the clients themselves.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createClient } from "redis";
import { lineAbout } from "../durable/outage.ts";
import { untilNameIsKnown } from "./known-name.ts";

/** A connection to Redis that comes back by itself. Whoever opens it closes it. */
export interface RedisLink {
  /** For the adapter. */
  readonly client: object;
  /** True until Redis has a name: a hub may be alone for good, and misses nobody. */
  readonly alone: boolean;
  /** False while Redis is away, or does not take what it is sent. */
  readonly writable: boolean;
  /** Messages that Redis did not take. */
  readonly failed: number;
  close(): Promise<void>;
}

/** Bytes that may be on their way to Redis: several of the largest messages that clients may send. */
const maxBytesUnderWay = 16_000_000;
/** A connection that is silent for so long is dead: a hub hears at least its own heartbeat. */
const silentAfterMs = 10_000;
const longestPauseMs = 2_000;
const retryMs = 100;
const closePatienceMs = 500;

type Client = ReturnType<typeof openClient>;

/** Opens a link. Returns at once: Redis may come up later. */
export function openRedisLink(url: string, logger: Logger): RedisLink {
  const publisher = openClient(url, true);
  const clients = [publisher];
  let bytesUnderWay = 0;
  let failed = 0;
  let alone = true;
  reportOutages(publisher, logger);

  const closing = new AbortController();
  const named = untilNameIsKnown(url, {
    signal: closing.signal,
    onUnknown: () =>
      logger.info({ host: new URL(url).host }, "there is no Redis of this name: this hub is alone until there is one"),
    onKnown: () => logger.info("there is a Redis now"),
  });
  /** Ends when the client is destroyed; until then it tries again and again. */
  const connect = (client: Client) =>
    named.then(
      () => {
        alone = false;
        client.connect().catch(() => undefined);
      },
      () => undefined,
    );

  async function publish(channel: string, payload: Buffer): Promise<number> {
    bytesUnderWay += payload.length;
    try {
      return await publisher.publish(channel, payload);
    } catch {
      failed++;
      return 0;
    } finally {
      bytesUnderWay -= payload.length;
    }
  }

  function openReader() {
    const reader = openClient(url, false);
    reader.on("error", () => undefined);
    clients.push(reader);
    return forReading(reader, () => connect(reader));
  }

  void connect(publisher);
  return {
    client: { sSubscribe, publish, duplicate: openReader },
    get alone() {
      return alone;
    },
    get writable() {
      return publisher.isReady && bytesUnderWay < maxBytesUnderWay;
    },
    get failed() {
      return failed;
    },
    async close() {
      const patience = AbortSignal.timeout(closePatienceMs);
      while (publisher.isReady && bytesUnderWay > 0 && !patience.aborted) await sleep(5);
      closing.abort();
      for (const client of clients) if (client.isOpen) client.destroy();
    },
  };
}

/** `live`: what cannot be sent at once is not sent. */
function openClient(url: string, live: boolean) {
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: live,
    socket: {
      connectTimeout: 2_000,
      socketTimeout: silentAfterMs,
      reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, longestPauseMs),
    },
  });
}

/** By this method the adapter tells this client library from others. */
const sSubscribe = () => undefined;

function forReading(client: Client, connect: () => Promise<void>) {
  return {
    sSubscribe,
    on: () => undefined,
    connect,
    /** `close` of the link does that. */
    disconnect: async () => undefined,
    /** Once it has succeeded, the client itself subscribes again after each loss; before that it does not. */
    async subscribe(channels: string[], hear: (payload: Buffer) => void) {
      do {
        try {
          if (client.isReady) return await client.subscribe(channels, hear, true);
        } catch {
          // Lost in that moment.
        }
        await sleep(retryMs, undefined, { ref: false });
      } while (client.isOpen);
    },
    async xRead(...args: Parameters<Client["xRead"]>) {
      try {
        return await client.xRead(...args);
      } catch {
        await sleep(retryMs, undefined, { ref: false });
        return null;
      }
    },
  };
}

/** Once when Redis goes, once when it is back. */
function reportOutages(client: Client, logger: Logger): void {
  let away = false;
  client.on("error", (error) => {
    const problem = lineAbout(error);
    if (!away) logger.warn({ problem }, "Redis cannot be reached: this hub goes on alone, and tries again");
    away = true;
  });
  client.on("ready", () => {
    if (away) logger.info("Redis is back");
    away = false;
  });
}
