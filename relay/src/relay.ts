/** The relay: packets from a source through the log to the hub, and commands from the hub to the source. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Packet, type Registered, type Registration, validate } from "@physical-ai/unity-protocol";
import { connectToHub, type HubConnection } from "@physical-ai/unity-protocol/client";
import type { Logger } from "pino";
import type { PacketLog } from "./buffer/packet-log.ts";
import { createCommandExecutor } from "./commands/command-executor.ts";
import type { PacketSink, Source } from "./sources/source.ts";
import { createUplink, type Uplink, type UplinkOptions, type UplinkStats } from "./uplink/uplink.ts";

/** How long a batch may wait for its acknowledgement before it is sent again. */
const acknowledgementTimeoutMs = 15_000;
/** A source that can wait does so while more packets than this are not committed. */
const maxBacklog = 10_000;
/** How long `stop` waits for the log and for the last acknowledgements of a hub that is there. */
const stopGraceMs = 5_000;
/** Of invalid packets the first and every one thousandth is logged. */
const logInvalidEvery = 1_000;

/** The reason that Socket.IO gives when this side has closed the connection. */
const closedByUs = "io client disconnect";

/** What a relay stands on. Whoever opened the log closes it, after `stop`. */
export interface RelayDependencies {
  source: Source;
  log: PacketLog;
  logger: Logger;
}

export interface RelayOptions {
  /** `http://host:port` */
  hubUrl: string;
  /** Not needed where the operator allows anonymous clients. */
  token?: string | undefined;
  /** The relay's name at the hub. */
  relayId: string;
  uplink?: UplinkOptions;
}

/** Counts since the start, in packets. */
export interface RelayStats extends UplinkStats {
  /** Given by the source. */
  produced: number;
  /** Not sent, because they are not what the contract says. */
  invalid: number;
  /** Dropped because the log was full; a `relay_gap` says so. */
  dropped: number;
}

export interface Relay {
  readonly stats: RelayStats;
  /**
   * Resolves when the source has ended and the hub has committed all its packets, or when the relay was stopped; rejects
   * when the source or the log cannot go on.
   */
  readonly finished: Promise<void>;
  /** Connects to the hub and starts the source; both go on by themselves. */
  start(): void;
  /** Stops the source, waits a moment for the last acknowledgements while the hub is there, and disconnects. */
  stop(): Promise<void>;
}

/** Makes a relay that does nothing until it is started. */
export function createRelay(dependencies: RelayDependencies, options: RelayOptions): Relay {
  return new SourceRelay(dependencies, options);
}

class SourceRelay implements Relay {
  readonly finished: Promise<void>;
  readonly #dependencies: RelayDependencies;
  readonly #options: RelayOptions;
  readonly #uplink: Uplink;
  #connection: HubConnection | undefined;
  #finish: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #stopped: Promise<void> | undefined;
  #lastAppend: Promise<unknown> = Promise.resolve();
  #produced = 0;
  #invalid = 0;

  constructor(dependencies: RelayDependencies, options: RelayOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#uplink = createUplink(
      {
        log: dependencies.log,
        logger: dependencies.logger,
        send: (batch) => this.#connected().socket.timeout(acknowledgementTimeoutMs).emitWithAck("relay_to_hub", batch),
        clockOffsetMs: () => this.#connected().clock.offsetMs,
        onFailure: (error) => this.#fail(error),
      },
      options.uplink,
    );
  }

  get stats(): RelayStats {
    const { dropped } = this.#dependencies.log;
    return { produced: this.#produced, invalid: this.#invalid, dropped, ...this.#uplink.stats };
  }

  start(): void {
    const { source } = this.#dependencies;
    this.#connection = this.#connect();
    const sink: PacketSink = {
      accept: (packets) => this.#accept(packets),
      ready: () => this.#uplink.backlogAtMost(maxBacklog),
    };
    source.start(sink);
    this.#drain().then(
      () => this.#finish(),
      (error) => this.#fail(error),
    );
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.#dependencies.source.stop();
    await Promise.race([this.#settled(), sleep(stopGraceMs, undefined, { ref: false })]);
    this.#uplink.stop();
    this.#connection?.close();
    this.#finish();
  }

  /** Everything is in the log, and at the hub as long as that is there. */
  async #settled(): Promise<void> {
    await this.#lastAppend;
    const connection = this.#connection;
    if (!connection?.registered) return;
    const lost = new Promise((resolve) => connection.socket.once("disconnect", resolve));
    await Promise.race([this.#uplink.backlogAtMost(0), lost]);
  }

  async #drain(): Promise<void> {
    await this.#dependencies.source.finished;
    await this.#lastAppend;
    await this.#uplink.backlogAtMost(0);
  }

  #connect(): HubConnection {
    const { logger } = this.#dependencies;
    const { hubUrl: url, token } = this.#options;
    const connection = connectToHub({
      url,
      token,
      registration: () => this.#registration(),
      onRegistered: (registered) => this.#registered(registered),
      onLost: (reason) => {
        if (reason !== closedByUs) logger.warn({ reason }, "the connection to the hub is lost");
        this.#uplink.disconnected();
      },
      onRefused: (problem) => logger.warn({ hub: url, problem }, "the hub did not take us; trying again"),
    });
    const execute = createCommandExecutor({
      execute: (command) => this.#dependencies.source.execute(command),
      hubNow: () => connection.clock.now(),
      logger,
    });
    connection.socket.on("send_to_robot", async (message, answer) => {
      const robotAnswer = await execute(message);
      answer?.(robotAnswer);
    });
    return connection;
  }

  #connected(): HubConnection {
    if (this.#connection === undefined) throw new Error("the relay was not started; call start() first");
    return this.#connection;
  }

  #registration(): Registration {
    const { source, log } = this.#dependencies;
    return {
      role: "relay",
      id: this.#options.relayId,
      protocol: 1,
      stream_id: log.streamId,
      robots: source.robots.map(({ robotId }) => robotId),
    };
  }

  /** A hub that says no number has none of our packets. */
  #registered({ committed_seq: committedSeq = 0 }: Registered): void {
    this.#dependencies.logger.info({ hub: this.#options.hubUrl, committed_seq: committedSeq }, "registered at the hub");
    this.#uplink.connected(committedSeq).catch((error) => this.#fail(error));
  }

  async #accept(packets: readonly Packet[]): Promise<void> {
    this.#produced += packets.length;
    const valid = packets.filter((packet) => this.#isValid(packet));
    if (valid.length === 0) return;
    this.#lastAppend = this.#append(valid);
    await this.#lastAppend;
  }

  async #append(packets: readonly Packet[]): Promise<void> {
    try {
      await this.#dependencies.log.append(packets);
      this.#uplink.wake();
    } catch (error) {
      this.#fail(error);
    }
  }

  #isValid(packet: Packet): boolean {
    const checked = validate.packet(packet);
    if (checked.ok) return true;
    if (this.#invalid % logInvalidEvery === 0) {
      const problem = checked.problem;
      this.#dependencies.logger.error({ problem, invalid: this.#invalid + 1 }, "the source gave an invalid packet");
    }
    this.#invalid += 1;
    return false;
  }
}
