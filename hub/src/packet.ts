/** A packet as the hub has it: validated, measured and judged once, then carried along both paths. */
import type { Packet } from "@physical-ai/unity-protocol";
import { approximateBytes } from "./storable.ts";

/** A packet that was taken in, here or at another hub. */
export interface HubPacket {
  packet: Packet;
  /** Epoch milliseconds on the clock of the hub that took it in. */
  receivedAt: number;
  /** Its place in a relay's stream, where it is in one. */
  streamId: string | undefined;
  seq: number | undefined;
  /** About how much memory the packet takes, for the bounds of what waits. */
  bytes: number;
  /** Young enough for workers and viewers; others are only stored. */
  live: boolean;
}

/** A packet that another hub took in: only live ones are sent from hub to hub, but the way may have been long. */
export function fromOtherHub(
  origin: Pick<HubPacket, "packet" | "receivedAt" | "streamId" | "seq">,
  { now, maxLiveAgeMs }: { now: number; maxLiveAgeMs: number },
): HubPacket {
  const { packet, receivedAt, streamId, seq } = origin;
  return { packet, receivedAt, streamId, seq, bytes: approximateBytes(packet), live: now - receivedAt <= maxLiveAgeMs };
}

/**
 * One key of two identifiers, such as a robot and the type of its data. They have no control characters, so no two
 * pairs have the same; a key may be the first of another.
 */
export function compositeKey(first: string, second: string): string {
  return `${first}\u0000${second}`;
}
