/** What a source gives on its way into the log: checked against the contract, counted. */
import { isDeeperThan, maxDepth, type Packet, validate } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import type { PacketLog } from "./buffer/packet-log.ts";

/** Of invalid packets the first and every one thousandth is logged. */
const logInvalidEvery = 1_000;

export interface IntakeDependencies {
  log: Pick<PacketLog, "append">;
  /** The log has new packets. */
  onAppended: () => void;
  /** The log takes nothing any more. */
  onFailure: (error: unknown) => void;
  logger: Logger;
}

export interface Intake {
  /** Packets since the start: given by the source, and among them those that are not what the contract says. */
  readonly counts: { produced: number; invalid: number };
  /** How long the log has been taking nothing of what it was given, in milliseconds; 0 while it keeps up. */
  readonly stalledMs: number;
  /** Resolves when the packets are in the log; never rejects. */
  accept(packets: readonly Packet[]): Promise<void>;
  /** Resolves when all packets that were accepted so far are in the log. */
  settled(): Promise<void>;
}

export function createIntake({ log, onAppended, onFailure, logger }: IntakeDependencies): Intake {
  const counts = { produced: 0, invalid: 0 };
  let newest: Promise<void> = Promise.resolve();
  let waiting = 0;
  let movedAt = 0;

  function isValid(packet: Packet): boolean {
    const problem = problemWith(packet);
    if (problem === undefined) return true;
    counts.invalid += 1;
    if (counts.invalid % logInvalidEvery === 1) {
      logger.error({ problem, invalid: counts.invalid }, "the source gave an invalid packet");
    }
    return false;
  }

  async function append(packets: readonly Packet[]): Promise<void> {
    if (waiting++ === 0) movedAt = performance.now();
    try {
      await log.append(packets);
      onAppended();
    } catch (error) {
      onFailure(error);
    } finally {
      waiting -= 1;
      movedAt = performance.now();
    }
  }

  return {
    counts,
    get stalledMs() {
      return waiting === 0 ? 0 : performance.now() - movedAt;
    },
    async accept(packets) {
      counts.produced += packets.length;
      const valid = packets.filter(isValid);
      if (valid.length === 0) return;
      newest = append(valid);
      await newest;
    },
    settled: () => newest,
  };
}

function problemWith(packet: Packet): string | undefined {
  const checked = validate.packet(packet);
  if (!checked.ok) return checked.problem;
  // The packet itself is the level above its values.
  return isDeeperThan(packet, maxDepth + 1) ? `a packet: it is nested deeper than ${maxDepth} levels` : undefined;
}
