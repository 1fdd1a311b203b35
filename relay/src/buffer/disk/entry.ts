/**
 * A packet at its place in the disk log.
 *
 * A position is what a packet is stored under; it never changes. Its number in the stream is the position plus the log's
 * shift, so that all packets are renumbered by writing one number.
 */
import type { Packet } from "@physical-ai/unity-protocol";
import { gapOf, withRange } from "../relay-gap.ts";

export interface Entry {
  position: number;
  packet: Packet;
}

/** The first position that the log's own gap at this place stands for; undefined for every other packet. */
export function gapStart({ position, packet }: Entry): number | undefined {
  const gap = gapOf(packet);
  // A source may give relay_gap packets of its own, which say nothing about this log.
  return gap?.last_seq === position && gap.first_seq <= position ? gap.first_seq : undefined;
}

/** The first position that a packet stands for: its own, or the start of its gap. */
export function covers(entry: Entry): number {
  return gapStart(entry) ?? entry.position;
}

/** A gap whose range is moved by `shift` and begins no earlier than `first`; every other packet as it is. */
export function shifted(entry: Entry, shift: number, first: number): Packet {
  const start = gapStart(entry);
  if (start === undefined) return entry.packet;
  return withRange(entry.packet, { firstSeq: first + shift, lastSeq: entry.position + shift });
}
