/**
 * Hubs that meet in Redis, through Socket.IO's adapter for it.
 *
 * The adapter leaves failed commands to nobody, which would end the process, and reads in a loop without a pause when
 * reading fails, which would stop it. So it does not get the clients themselves, but a link: commands that never fail, and
 * a bound on what is under way.
 */
import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Backoff } from "@physical-ai/service/backoff";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import type { Logger } from "pino";
import { createClient } from "redis";
import type { HubServer } from "../door/socket.ts";
import { lineAbout } from "../durable/outage.ts";
import { type HubChannel, type HubMessage, validateHubMessage } from "./messages.ts";

const event = "hub_to_hub";
const channelPrefix = "physical-ai";

/**
 * The channel of a Socket.IO server that has no clients yet. Whoever opens it closes it, before the server.
 *
 * Of the adapter's ways this is `serverSideEmit`: it goes by PUBLISH, so Redis keeps nothing, and what a hub misses
 * while it is cut off it does not get late.
 */
export class RedisChannel implements HubChannel {
  readonly #io: HubServer;
  readonly #logger: Logger;
  readonly #link: RedisLink;
  #dropped = 0;

  /** Opens it at once: Redis may come up later. */
  constructor(io: HubServer, url: string, logger: Logger) {
    this.#io = io;
    this.#logger = logger;
    this.#link = new RedisLink(url, logger);
    io.adapter(createAdapter(this.#link.client, { channelPrefix, streamName: channelPrefix }));
  }

  publish(message: HubMessage): boolean {
    if (this.#link.alone) return false;
    if (!this.#link.writable) {
      this.#dropped++;
      return false;
    }
    void this.#emit(message);
    return true;
  }

  onMessage(hear: (message: HubMessage) => void): void {
    this.#io.on(event, (message) => {
      const validation = validateHubMessage(message);
      if (validation.ok) hear(validation.value);
      else this.#logger.warn({ problem: validation.problem }, "another hub sent what this one does not understand");
    });
  }

  get dropped(): number {
    return this.#dropped + this.#link.failed;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  /** Encoding may fail, on a value that is nested too deeply; `io.serverSideEmit` would let that end the process. */
  async #emit(message: HubMessage): Promise<void> {
    try {
      await this.#io.of("/").adapter.serverSideEmit([event, message]);
    } catch (error) {
      this.#dropped++;
      this.#logger.debug({ err: error, kind: message.kind }, "could not encode a message to other hubs");
    }
  }
}

/** Bytes that may be on their way to Redis: several of the largest messages that clients may send. */
const maxBytesUnderWay = 16_000_000;
/** A connection that is silent for so long is dead: a hub hears at least its own heartbeat. */
const silentAfterMs = 10_000;
const longestPauseMs = 2_000;
const retryMs = 100;
const closePatienceMs = 500;

type Client = ReturnType<typeof openClient>;

/** Connections to Redis that come back by themselves. */
class RedisLink {
  readonly #url: string;
  readonly #publisher: Client;
  readonly #clients: Client[];
  readonly #closing = new AbortController();
  readonly #named: Promise<void>;
  #bytesUnderWay = 0;
  #failed = 0;
  #alone = true;

  constructor(url: string, logger: Logger) {
    this.#url = url;
    this.#publisher = openClient(url, true);
    this.#clients = [this.#publisher];
    reportOutages(this.#publisher, logger);
    const noSuchHost = "there is no Redis of this name: this hub is alone until there is one";
    this.#named = untilNameIsKnown(url, {
      signal: this.#closing.signal,
      onUnknown: () => logger.info({ host: new URL(url).host }, noSuchHost),
      onKnown: () => logger.info("there is a Redis now"),
    });
    void this.#connect(this.#publisher);
  }

  /** For the adapter. */
  get client(): object {
    return {
      sSubscribe,
      publish: (channel: string, payload: Buffer) => this.#publish(channel, payload),
      duplicate: () => this.#openReader(),
    };
  }

  /** True until Redis has a name: a hub may be alone for good, and misses nobody. */
  get alone(): boolean {
    return this.#alone;
  }

  /** False while Redis is away, or does not take what it is sent. */
  get writable(): boolean {
    return this.#publisher.isReady && this.#bytesUnderWay < maxBytesUnderWay;
  }

  /** Messages that Redis did not take. */
  get failed(): number {
    return this.#failed;
  }

  async close(): Promise<void> {
    const patience = AbortSignal.timeout(closePatienceMs);
    while (this.#publisher.isReady && this.#bytesUnderWay > 0 && !patience.aborted) await sleep(5);
    this.#closing.abort();
    for (const client of this.#clients) if (client.isOpen) client.destroy();
  }

  /** Ends when the client is destroyed; until then it tries again and again. */
  #connect(client: Client): Promise<void> {
    return this.#named.then(
      () => {
        this.#alone = false;
        client.connect().catch(() => undefined);
      },
      () => undefined,
    );
  }

  async #publish(channel: string, payload: Buffer): Promise<number> {
    this.#bytesUnderWay += payload.length;
    try {
      return await this.#publisher.publish(channel, payload);
    } catch {
      this.#failed++;
      return 0;
    } finally {
      this.#bytesUnderWay -= payload.length;
    }
  }

  #openReader() {
    const reader = openClient(this.#url, false);
    reader.on("error", () => undefined);
    this.#clients.push(reader);
    return forReading(reader, () => this.#connect(reader));
  }
}

/** `live`: what cannot be sent at once is not sent. */
function openClient(url: string, live: boolean) {
  const backoff = new Backoff({ firstMs: retryMs, longestMs: longestPauseMs });
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: live,
    socket: {
      connectTimeout: 2_000,
      socketTimeout: silentAfterMs,
      reconnectStrategy(retries) {
        if (retries === 0) backoff.reset();
        return backoff.next();
      },
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

/** When to give up waiting for a name that may not be known yet, and who is told that it takes a while. */
interface Patience {
  signal: AbortSignal;
  /** Once, when the name is not known at first. */
  onUnknown: () => void;
  /** Once, when it is known after that. */
  onKnown: () => void;
}

const againMs = 3_000;

/**
 * Resolves when the name of a URL's host has an address, whether or not anybody answers there.
 *
 * @throws when the signal ends it
 */
export async function untilNameIsKnown(url: string, { signal, onUnknown, onKnown }: Patience): Promise<void> {
  const name = new URL(url).hostname.replace(/^\[|\]$/g, "");
  for (let attempt = 0; ; attempt++) {
    const known = await lookup(name).then(
      () => true,
      () => false,
    );
    if (known && attempt > 0) onKnown();
    if (known) return;
    if (attempt === 0) onUnknown();
    await sleep(againMs, undefined, { signal, ref: false });
  }
}
