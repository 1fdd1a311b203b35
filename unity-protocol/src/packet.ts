/** A packet: one reading of one robot, and the forms in which packets travel. */
import Type from "typebox";
import { EpochMs, Identifier, Seq, Uuid } from "./scalars.ts";

/** The most packets that one `relay_to_hub` event may carry. */
export const maxPacketsPerBatch = 2_000;

/** The most binary values that one packet may carry: what a Socket.IO client takes in one event by default. */
export const maxBinariesPerPacket = 10;

/**
 * One reading. Unknown fields are kept for older clients and ignored by new ones.
 */
export const Packet = Type.Object(
  {
    robot_id: Identifier,
    /** `EP01`, `GO1`, … */
    robot_type: Identifier,
    /** The data type: `battery`, `imu`, `ultrasound`, `image/front`, … */
    type: Identifier,
    /** Any JSON value; binary is allowed inside. */
    val: Type.Unknown(),
    /** When it was made, on the relay's clock. */
    ts: Type.Optional(EpochMs),
  },
  { $id: "packet" },
);
export type Packet = Type.Static<typeof Packet>;

/** Packets `first_seq`, `first_seq + 1`, … of the stream `stream_id`: committed exactly once. */
export const Batch = Type.Object(
  {
    stream_id: Uuid,
    first_seq: Seq,
    packets: Type.Array(Packet, { minItems: 1, maxItems: maxPacketsPerBatch }),
    /** How far the hub's clock is ahead of the relay's, as the relay estimates it. */
    clock_offset_ms: Type.Optional(Type.Number()),
  },
  { $id: "batch" },
);
export type Batch = Type.Static<typeof Batch>;

/** The array form of `relay_to_hub`: packets without a stream, each stored at most once. */
export const PacketArray = Type.Array(Packet, { $id: "packet_array", minItems: 1, maxItems: maxPacketsPerBatch });
export type PacketArray = Type.Static<typeof PacketArray>;

/** A packet on its way to a protocol-1 brain worker. */
export const RawPacket = Type.Intersect(
  [
    Packet,
    Type.Object({
      /** When the hub received it, on the hub's clock. */
      received_at: EpochMs,
      stream_id: Type.Optional(Uuid),
      seq: Type.Optional(Seq),
      /** How many packets of this robot and type were dropped just before this one. */
      gap: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
  ],
  { $id: "raw_packet" },
);
export type RawPacket = Type.Static<typeof RawPacket>;

/** hub → viewers, as `update_data`. */
export const ViewedPacket = Type.Intersect([
  Packet,
  Type.Object({
    /** When the hub received it, on the hub's clock; legacy hubs do not say it. */
    received_at: Type.Optional(EpochMs),
  }),
]);
export type ViewedPacket = Type.Static<typeof ViewedPacket>;

/** The `val` of a `relay_gap` packet: what a relay had to drop, so that no loss is silent. */
export const RelayGap = Type.Object(
  {
    first_seq: Seq,
    last_seq: Seq,
    count: Type.Integer({ minimum: 1 }),
    reason: Type.String(),
  },
  { $id: "relay_gap" },
);
export type RelayGap = Type.Static<typeof RelayGap>;

/** The data type of a packet that says what a relay had to drop. */
export const relayGapType = "relay_gap";

/** Deeper nesting is no reading of a robot; PostgreSQL's own limit is not far beyond, and recursive code fails at it. */
export const maxDepth = 100;

/** Whether objects and lists lie in each other more than so many levels deep. It looks no deeper than that. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (levels === 0) return true;
  for (const key in value) if (isDeeperThan(Reflect.get(value, key), levels - 1)) return true;
  return false;
}
