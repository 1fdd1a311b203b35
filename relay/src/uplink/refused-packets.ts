/** Packets that the hub refuses for good: each becomes a gap, so that the stream goes on and says what is missing. */
import type { Logger } from "pino";
import type { PacketLog } from "../buffer/packet-log.ts";
import { gapOf, relayGap } from "../buffer/relay-gap.ts";

/** Of refused packets the first and every one thousandth is logged. */
const logEvery = 1_000;

export interface RefusedPackets {
  /** So many since the start. */
  readonly count: number;
  /** Puts a gap in the place of a packet; false when that is a gap itself, which must not be hidden. */
  replace(seq: number, reason: string): Promise<boolean>;
}

export function createRefusedPackets({ log, logger }: { log: PacketLog; logger: Logger }): RefusedPackets {
  let count = 0;

  return {
    get count() {
      return count;
    },
    async replace(seq, reason) {
      const { firstSeq, packets } = await log.read(seq, { maxPackets: 1, maxBytes: 0 });
      const [packet] = packets;
      // A full quota may have dropped it meanwhile.
      if (packet === undefined || firstSeq !== seq) return true;
      if (gapOf(packet) !== undefined) {
        logger.error({ seq, reason }, "the hub refuses a relay_gap; trying again");
        return false;
      }
      count += 1;
      if (count % logEvery === 1) {
        const { type, robot_id } = packet;
        logger.error({ seq, type, robot_id, reason, refused: count }, "the hub refused a packet for good");
      }
      await log.replace(seq, relayGap(packet, { firstSeq: seq, lastSeq: seq, reason }));
      return true;
    },
  };
}
