/**
 * The relay's numbered buffer, the only buffer between a robot and the database.
 *
 * Terminology:
 * - seq: a packet's number in its stream, 1, 2, 3 …, given by `append` and never changed by a resend;
 * - gap: a `relay_gap` packet; it stands at the last number of the range that it says is missing. Every number from
 *   the hub's committed one to `lastSeq` is therefore either a packet or inside a gap;
 * - trimmed: committed by the hub, and therefore no longer kept.
 */
import type { Packet } from "@physical-ai/unity-protocol";

/** Consecutive packets: `packets[i]` has the number `firstSeq + i`. */
export interface PacketRun {
  firstSeq: number;
  packets: Packet[];
}

/** How much `read` may return; at least one packet comes, however large it is. */
export interface ReadLimit {
  maxPackets: number;
  maxBytes: number;
}

/**
 * How the hub's committed number fits to the log.
 *
 * - `continues`: as expected;
 * - `hub_behind`: the hub wants numbers that were trimmed (its database is older than its acknowledgements): a gap says so;
 * - `hub_ahead`: the hub has numbers that the log never gave (the log is older than its own packets): what is kept was
 *   renumbered to follow the hub's.
 */
export type Resumption = "continues" | "hub_behind" | "hub_ahead";

/**
 * A log of one stream, used by one writer and one reader of the same process.
 *
 * An adapter MUST
 * - number packets without holes, in the order of `append` calls;
 * - resolve `append` only when the packets are as safe as the adapter promises, and hand out through `read` nothing before
 *   that; a number, once seen by the hub, must never be sent with another packet, whatever a crash has taken back;
 * - when its quota is full, drop the oldest packets and leave a gap in their place, never drop the newest one.
 *
 * An adapter MUST NOT
 * - change packets that it was given;
 * - drop or trim without being told, other than by its quota.
 */
export interface PacketLog {
  /** A UUID, made once with the log and kept as long as it. */
  readonly streamId: string;
  /** The newest packet's number; 0 before the first. */
  readonly lastSeq: number;
  /** The number of the oldest packet that is kept; `lastSeq + 1` when nothing is. */
  readonly firstSeq: number;
  /** How many packets were dropped because the quota was full, since the log was opened. */
  readonly dropped: number;
  /** About how large what is kept is, and how large it may become. */
  readonly bytes: number;
  readonly maxBytes: number;

  /** Numbers and keeps packets; answers the number of the last one. */
  append(packets: readonly Packet[]): Promise<number>;
  /** Packets from the first kept one at or after `fromSeq`; `packets` is empty when there are none. */
  read(fromSeq: number, limit: ReadLimit): Promise<PacketRun>;
  /** Forgets packets up to and including `upToSeq`, and shortens a gap that reaches beyond it. */
  trim(upToSeq: number): Promise<void>;
  /** Puts `packet` in the place of the kept one at `seq`; does nothing where there is none. */
  replace(seq: number, packet: Packet): Promise<void>;
  /**
   * Fits the log to what the hub has committed; afterwards `committedSeq + 1` is the first number it stands for. Called
   * at each connection before anything is sent over it.
   */
  resume(committedSeq: number): Promise<Resumption>;
  /** Releases what the log holds open. Whoever opened the log closes it. */
  close(): Promise<void>;
}
