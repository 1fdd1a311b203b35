/**
 * The disk log's format: packets at their positions, and blocks of them, each under one key and with a checksum.
 *
 * A position is what a packet is stored under; it never changes. Its number in the stream is the position plus the log's
 * shift, so that all packets are renumbered by writing one number.
 */
import { crc32 } from "node:zlib";
import type { Packet } from "@physical-ai/unity-protocol";
import { Packr } from "msgpackr";
import { gapOf, withRange } from "../gap.ts";

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

/** A block as the store keeps it. */
export interface Block {
  /** The position of its last packet. */
  last: number;
  bytes: Buffer;
}

/** An encoded packet at its position. */
export interface EncodedEntry {
  position: number;
  bytes: Buffer;
}

const maxPackets = 256;
const checksumBytes = 4;
/** Plain MessagePack: keeps binary and every number as it is, except that -0 becomes 0 as it does in JSON. */
const packr = new Packr({ useRecords: false });

export function encodePacket(packet: Packet): Buffer {
  return packr.pack(packet);
}

export function encodeEntries(entries: readonly Entry[]): EncodedEntry[] {
  return entries.map(({ position, packet }) => ({ position, bytes: encodePacket(packet) }));
}

/** Blocks of entries in the order of their positions. A block ends at a hole, and where it is large enough. */
export function toBlocks(entries: readonly EncodedEntry[], maxBytes: number): Block[] {
  const blocks: Block[] = [];
  let parts: Buffer[] = [];
  let size = 0;
  for (const [index, { position, bytes }] of entries.entries()) {
    parts.push(bytes);
    size += bytes.length;
    if (entries[index + 1]?.position === position + 1 && parts.length < maxPackets && size < maxBytes) continue;
    blocks.push({ last: position, bytes: withChecksum(position, parts) });
    parts = [];
    size = 0;
  }
  return blocks;
}

/** The packets of a block at their positions; undefined when the checksum says that the block is damaged. */
export function decodeBlock({ last, bytes }: Block): Entry[] | undefined {
  if (bytes.length <= checksumBytes) return undefined;
  const content = bytes.subarray(checksumBytes);
  if (bytes.readUInt32BE() !== checksum(last, content)) return undefined;
  // What bears the right checksum is what `encodePacket` made.
  const packets = (packr.unpackMultiple(content) ?? []) as Packet[];
  const first = last - packets.length + 1;
  return packets.map((packet, index) => ({ position: first + index, packet }));
}

/** How large blocks are together. */
export function bytesOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function withChecksum(last: number, parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat([Buffer.allocUnsafe(checksumBytes), ...parts]);
  bytes.writeUInt32BE(checksum(last, bytes.subarray(checksumBytes)));
  return bytes;
}

/** Begins with the position: a block under another's key is as wrong as a damaged one. */
function checksum(last: number, content: Buffer): number {
  return crc32(content, last % 2 ** 32);
}
