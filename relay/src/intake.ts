/** What a source gives on its way into the log: checked against the contract, counted. */
import { isDeeperThan, maxDepth, type Packet, validate } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import type { PacketLog } from "./packet-log/packet-log.ts";

/** Of invalid packets the first and every one thousandth is logged. */
const logInvalidEvery = 1_000;

interface IntakeDependencies {
  log: Pick<PacketLog, "append">;
  /** The log has new packets. */
  onAppended: () => void;
  /** The log takes nothing any more. */
  onFailure: (error: unknown) => void;
  logger: Logger;
  /** Milliseconds of a clock that is never set; `performance.now` when missing. */
  now?: () => number;
}

export class Intake {
  readonly #dependencies: IntakeDependencies;
  readonly #now: () => number;
  readonly #counts = { produced: 0, invalid: 0 };
  #newest: Promise<void> = Promise.resolve();
  #waiting = 0;
  #movedAt = 0;

  constructor(dependencies: IntakeDependencies) {
    this.#dependencies = dependencies;
    this.#now = dependencies.now ?? (() => performance.now());
  }

  /** Packets since the start: given by the source, and among them those that are not what the contract says. */
  get counts(): Readonly<{ produced: number; invalid: number }> {
    return this.#counts;
  }

  /** How long the log has been taking nothing of what it was given, in milliseconds; 0 while it keeps up. */
  get stalledMs(): number {
    return this.#waiting === 0 ? 0 : this.#now() - this.#movedAt;
  }

  /** Resolves when the packets are in the log; never rejects. */
  async accept(packets: readonly Packet[]): Promise<void> {
    this.#counts.produced += packets.length;
    const valid = packets.filter((packet) => this.#isValid(packet));
    if (valid.length === 0) return;
    this.#newest = this.#append(valid);
    await this.#newest;
  }

  /** Resolves when all packets that were accepted so far are in the log. */
  settled(): Promise<void> {
    return this.#newest;
  }

  #isValid(packet: Packet): boolean {
    const problem = problemWith(packet);
    if (problem === undefined) return true;
    this.#counts.invalid += 1;
    const { invalid } = this.#counts;
    if (invalid % logInvalidEvery === 1) {
      this.#dependencies.logger.error({ problem, invalid }, "the source gave an invalid packet");
    }
    return false;
  }

  async #append(packets: readonly Packet[]): Promise<void> {
    const { log, onAppended, onFailure } = this.#dependencies;
    if (this.#waiting++ === 0) this.#movedAt = this.#now();
    try {
      await log.append(packets);
      onAppended();
    } catch (error) {
      onFailure(error);
    } finally {
      this.#waiting -= 1;
      this.#movedAt = this.#now();
    }
  }
}

function problemWith(packet: Packet): string | undefined {
  const checked = validate.packet(packet);
  if (!checked.ok) return checked.problem;
  // The packet itself is the level above its values.
  return isDeeperThan(packet, maxDepth + 1) ? `a packet: it is nested deeper than ${maxDepth} levels` : undefined;
}
