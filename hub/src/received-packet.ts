/** What the paths behind ingest get. */
import type { Packet } from "@physical-ai/unity-protocol";

/** A packet as the hub took it in. Times are epoch milliseconds on the hub's clock. */
export interface ReceivedPacket {
  packet: Packet;
  createdAt: number;
  receivedAt: number;
  streamId: string | undefined;
  seq: number | undefined;
}
