/** A packet as workers get it. */
import type { RawPacket } from "@physical-ai/unity-protocol";
import type { HubPacket } from "../../packet.ts";

/** Unknown fields stay behind: a robot's own `seq` must not pass for the stream's. */
export function rawPacketOf({ packet, receivedAt, streamId, seq }: Omit<HubPacket, "bytes" | "live">): RawPacket {
  const { robot_id, robot_type, type, val, ts } = packet;
  const raw: RawPacket = { robot_id, robot_type, type, val, received_at: receivedAt };
  if (ts !== undefined) raw.ts = ts;
  if (streamId !== undefined) raw.stream_id = streamId;
  if (seq !== undefined) raw.seq = seq;
  return raw;
}
