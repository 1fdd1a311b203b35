/** The relay: packets from a source through the log to the hub, and commands from the hub to the source. */
import { setTimeout as sleep } from "node:timers/promises";
import { createMetrics, Registry } from "@physical-ai/service";
import { protocolVersion, type Registration, type RobotCommand } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { CommandExecutor } from "./commands/command-executor.ts";
import { Intake } from "./intake.ts";
import { describeRelay, type RelayStats } from "./metrics.ts";
import type { PacketLog } from "./packet-log/packet-log.ts";
import type { PacketSink, Source } from "./sources/source.ts";
import { WatchedConnection } from "./uplink/connection.ts";
import { Uplink, type UplinkOptions } from "./uplink/uplink.ts";

/**
 * A source that can wait does so while more packets than this are not committed: little more than may be under way, so that
 * the next ones to send are still in memory.
 */
const maxBacklog = 34_000;
/** How long `stop` waits for the log and for the last acknowledgements of a hub that is there. */
const stopGraceMs = 5_000;

/** What a relay stands on. Whoever opened the log closes it, after `stop`. */
interface RelayDependencies {
  source: Source;
  log: PacketLog;
  logger: Logger;
  /** Gets the relay's metrics; one of its own when missing. */
  registry?: Registry;
}

interface RelayOptions {
  /** `http://host:port` */
  hubUrl: string;
  /** Not needed where the operator allows anonymous clients. */
  token?: string | undefined;
  /** The relay's name at the hub. */
  relayId: string;
  /** End when the hub says that this relay may not come. When missing, packets wait until it may. */
  endsWhenRejected?: boolean | undefined;
  uplink?: UplinkOptions;
}

/** Does nothing until it is started. */
export class Relay {
  /**
   * Resolves when the source has ended and the hub has committed all its packets, or when the relay was stopped; rejects
   * when the source or the log cannot go on.
   */
  readonly finished: Promise<void>;
  readonly #dependencies: RelayDependencies;
  readonly #options: RelayOptions;
  readonly #intake: Intake;
  readonly #uplink: Uplink;
  /** The hub has taken us once, or never will. */
  readonly #met: Promise<void>;
  /** How many commands were answered with each status. */
  readonly #commands = { acknowledged: 0, failed: 0, expired: 0 };
  #connection: WatchedConnection | undefined;
  #meet: () => void = () => undefined;
  #finish: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #stopped: Promise<void> | undefined;

  constructor(dependencies: RelayDependencies, options: RelayOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#met = new Promise((resolve) => {
      this.#meet = resolve;
    });
    const { log, logger, registry = new Registry() } = dependencies;
    const onFailure = (error: unknown) => this.#fail(error);
    this.#intake = new Intake({ log, onAppended: () => this.#uplink.wake(), onFailure, logger });
    this.#uplink = new Uplink(
      {
        log,
        logger,
        send: (batch) => this.#open().send(batch),
        clockOffsetMs: () => this.#open().clockOffsetMs,
        renewClock: () => this.#open().renewClock(),
        onFailure,
      },
      options.uplink,
    );
    describeRelay(createMetrics(registry, "relay_"), {
      relay: this,
      log,
      connection: () => this.#connection,
      commands: this.#commands,
    });
  }

  get stats(): RelayStats {
    const { dropped } = this.#dependencies.log;
    return { ...this.#intake.counts, dropped, ...this.#uplink.stats };
  }

  /** True while the hub has this relay. */
  get registered(): boolean {
    return this.#connection?.registered ?? false;
  }

  /** How long the log has been taking nothing of what it was given, in milliseconds; 0 while it keeps up. */
  get stalledMs(): number {
    return this.#intake.stalledMs;
  }

  /** Connects to the hub and starts the source; both go on by themselves. */
  start(): void {
    const { source } = this.#dependencies;
    this.#connection = this.#connect();
    const sink: PacketSink = { accept: (packets) => this.#intake.accept(packets), ready: () => this.#ready() };
    source.start(sink);
    this.#drain().then(
      () => this.#finish(),
      (error) => this.#fail(error),
    );
  }

  /** Stops the source, waits a moment for the last acknowledgements while the hub is there, and disconnects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.#dependencies.source.stop();
    this.#meet();
    await Promise.race([this.#settled(), sleep(stopGraceMs, undefined, { ref: false })]);
    this.#uplink.stop();
    this.#connection?.close();
    this.#finish();
  }

  /** Everything is in the log, and at the hub as long as that is there. */
  async #settled(): Promise<void> {
    await this.#intake.settled();
    if (!this.#connection?.registered) return;
    await Promise.race([this.#uplink.backlogAtMost(0), this.#connection.lost()]);
  }

  /** A recording begins when the hub is there: until then it leaves nothing in the log that would come twice. */
  async #ready(): Promise<void> {
    await this.#met;
    const { log } = this.#dependencies;
    // Where packets are large, fewer than `maxBacklog` fill the quota: then nothing may be dropped, and so nothing comes.
    const isHalfFull = log.bytes > log.maxBytes / 2;
    await this.#uplink.backlogAtMost(isHalfFull ? 0 : maxBacklog);
  }

  async #drain(): Promise<void> {
    await this.#dependencies.source.finished;
    await this.#intake.settled();
    await this.#uplink.backlogAtMost(0);
  }

  #connect(): WatchedConnection {
    const { logger, source } = this.#dependencies;
    const { hubUrl: url, token } = this.#options;
    const connection = new WatchedConnection(
      { logger },
      {
        url,
        token,
        registration: () => this.#registration(),
        onRegistered: ({ committed_seq: committedSeq }) => this.#registered(committedSeq),
        onLost: () => this.#uplink.disconnected(),
        onRejected: (problem) => this.#rejected(problem),
      },
    );
    const execute = (command: RobotCommand) => source.execute(command);
    const executor = new CommandExecutor({ execute, hubNow: () => connection.hubNow, logger });
    connection.onCommand(async (message) => {
      const answer = await executor.execute(message);
      this.#commands[answer.status]++;
      return answer;
    });
    return connection;
  }

  #open(): WatchedConnection {
    if (this.#connection === undefined) throw new Error("the relay was not started; call start() first");
    return this.#connection;
  }

  #registration(): Registration {
    const { source, log } = this.#dependencies;
    return {
      role: "relay",
      id: this.#options.relayId,
      protocol: protocolVersion,
      stream_id: log.streamId,
      robots: source.robots.map(({ robotId }) => robotId),
    };
  }

  /** A hub that says no number has none of our packets. */
  #registered(committedSeq = 0): void {
    this.#meet();
    this.#uplink.connected(committedSeq).catch((error) => this.#fail(error));
  }

  #rejected(problem: string): void {
    const { endsWhenRejected = false, hubUrl } = this.#options;
    if (!endsWhenRejected) return;
    const remedy = "A token is given with --token or HUB_TOKEN, the id that it is for with --relay-id or RELAY_ID.";
    this.#fail(new Error(`the hub at ${hubUrl} does not take this relay: ${problem}. ${remedy}`));
  }
}
