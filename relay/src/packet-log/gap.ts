/** The packet that stands where packets are missing, so that no loss is silent. */
import { type Packet, type RelayGap, relayGapType } from "@physical-ai/unity-protocol";

/** The numbers that are missing and why: a `relay_gap` without its count. */
interface MissingRange {
  firstSeq: number;
  lastSeq: number;
  reason: string;
}

/**
 * Makes the packet that stands for all numbers of a range. It takes the range's last number, and is said of the robot of
 * `missing`, the newest packet that it replaces. Its time is now: what it replaces may have been refused for its time.
 */
export function relayGap(missing: Pick<Packet, "robot_id" | "robot_type">, range: MissingRange): Packet {
  return {
    robot_id: missing.robot_id,
    robot_type: missing.robot_type,
    type: relayGapType,
    val: gapValue(range),
    ts: Date.now(),
  };
}

/** The same gap about another range. */
export function withRange(gap: Packet, range: Omit<MissingRange, "reason">): Packet {
  const reason = gapOf(gap)?.reason ?? "unknown";
  return { ...gap, val: gapValue({ ...range, reason }) };
}

/** What a packet says is missing; undefined for every other packet. */
export function gapOf(packet: Packet): RelayGap | undefined {
  return packet.type === relayGapType ? (packet.val as RelayGap) : undefined;
}

/** The first number that the packet at `seq` stands for: its own, or the start of its gap. */
export function firstSeqCovered(packet: Packet, seq: number): number {
  return gapOf(packet)?.first_seq ?? seq;
}

function gapValue({ firstSeq, lastSeq, reason }: MissingRange): RelayGap {
  return { first_seq: firstSeq, last_seq: lastSeq, count: lastSeq - firstSeq + 1, reason };
}
