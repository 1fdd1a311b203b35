/** A source: robots, real, simulated or recorded, behind one interface; and how the command line offers a kind of them. */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Packet, RobotAnswer, RobotCommand } from "@physical-ai/unity-protocol";

/** A robot beside the relay. */
export interface RobotIdentity {
  robotId: string;
  robotType: string;
}

/** Takes packets from a source. Neither method rejects. */
export interface PacketSink {
  /** Resolves when the packets are in the relay's log. */
  accept(packets: readonly Packet[]): Promise<void>;
  /**
   * Resolves when the hub has been met and keeps up. A source that can wait (a file) MUST await it before its first packet
   * and between packets; a source that cannot (a robot) does not ask.
   */
  ready(): Promise<void>;
}

/** Where packets come from and commands go to. */
export interface Source {
  /** The robots that it knows of before their first packet, so that commands find them. */
  readonly robots: readonly RobotIdentity[];
  /** Resolves when the source has given its last packet, by itself or by `stop`; rejects when it cannot go on. */
  readonly finished: Promise<void>;
  /** Begins to give packets. Called once. */
  start(sink: PacketSink): void;
  /** Does what a command says. Called only for commands in time, and once for each. A rejection is answered as `failed`. */
  execute(command: RobotCommand): Promise<RobotAnswer>;
  /** Ends the source; afterwards it gives nothing more. */
  stop(): Promise<void>;
}

/** The source that the command line asks for. */
export interface SourceConfig {
  /** The command that named it. */
  kind: string;
  /** As the command line gave them. */
  options: object;
  /** End when the hub says that this relay may not come. Otherwise packets wait until it may. */
  endsWhenRejected: boolean;
  /**
   * Finds out whether it can be had, before anybody is bothered with it.
   *
   * @throws Error that says what is wrong with it
   */
  open(): Promise<Source>;
}

/** A kind of source, as a command with options of its own; runs the relay with what it asks for. */
export type SourceCommand = (runRelay: (source: SourceConfig) => Promise<void>) => CommandUnknownOpts;

/** A command whose help shows the relay's options beside its own. */
export function subcommand(name: string, description: string) {
  return new Command(name).configureHelp({ showGlobalOptions: true }).description(description).exitOverride();
}
