/** Dead letters: packets that the hub refuses for good. Each becomes a gap, so that the stream goes on and says so. */
import type { Logger } from "pino";
import { gapOf, relayGap } from "../packet-log/gap.ts";
import type { PacketLog } from "../packet-log/packet-log.ts";

/** Of dead letters the first and every one thousandth is logged. */
const logEvery = 1_000;

interface DeadLettersDependencies {
  log: Pick<PacketLog, "read" | "replace">;
  logger: Logger;
}

export class DeadLetters {
  readonly #log: DeadLettersDependencies["log"];
  readonly #logger: Logger;
  #count = 0;

  constructor({ log, logger }: DeadLettersDependencies) {
    this.#log = log;
    this.#logger = logger;
  }

  /** So many since the start. */
  get count(): number {
    return this.#count;
  }

  /** Puts a gap in the place of a packet; false when that is a gap itself, which must not be hidden. */
  async replace(seq: number, reason: string): Promise<boolean> {
    const { firstSeq, packets } = await this.#log.read(seq, { maxPackets: 1, maxBytes: 0 });
    const [packet] = packets;
    // A full quota may have dropped it meanwhile.
    if (packet === undefined || firstSeq !== seq) return true;
    if (gapOf(packet) !== undefined) {
      this.#logger.error({ seq, reason }, "the hub refuses a relay_gap; trying again");
      return false;
    }
    this.#count += 1;
    if (this.#count % logEvery === 1) {
      const { type, robot_id } = packet;
      this.#logger.error({ seq, type, robot_id, reason, refused: this.#count }, "the hub refused a packet for good");
    }
    await this.#log.replace(seq, relayGap(packet, { firstSeq: seq, lastSeq: seq, reason }));
    return true;
  }
}
