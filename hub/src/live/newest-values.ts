/** The newest value of each data type of a robot, so that new viewers see how things stand. */
import type { Packet } from "@physical-ai/unity-protocol";

/** A value as it stands, with the time (epoch milliseconds) at which its hub took it in. */
export interface NewestValue {
  packet: Packet;
  received_at: number;
}

/** A value, when the hub got it, about how much memory it takes, and whether this hub took it in. */
interface KeptValue {
  packet: Packet;
  receivedAt: number;
  bytes: number;
  here: boolean;
}

/** Memory that the values of all robots share. */
export class ValueBudget {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Returns false where there is no room. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** The values of one robot. */
export class NewestValues {
  readonly #budget: ValueBudget;
  readonly #maxTypes: number;
  readonly #byType = new Map<string, KeptValue>();

  constructor(budget: ValueBudget, maxTypes: number) {
    this.#budget = budget;
    this.#maxTypes = maxTypes;
  }

  /** A value came. Where there is no room it is not kept, nor is the one before it. */
  remember(value: KeptValue): void {
    const { type } = value.packet;
    const known = this.#byType.get(type);
    if (known === undefined && this.#byType.size >= this.#maxTypes) return;
    if (known !== undefined) this.#budget.giveBack(known.bytes);
    if (this.#budget.take(value.bytes)) this.#byType.set(type, value);
    else this.#byType.delete(type);
  }

  /** A value that another hub remembers. Returns false when a newer one is known. */
  recall(value: Omit<KeptValue, "here">): boolean {
    const known = this.#byType.get(value.packet.type);
    if (known !== undefined && known.receivedAt >= value.receivedAt) return false;
    this.remember({ ...value, here: false });
    return true;
  }

  types(): Iterable<string> {
    return this.#byType.keys();
  }

  all(): Iterable<KeptValue> {
    return this.#byType.values();
  }

  /** Makes room for those of others. */
  clear(): void {
    for (const { bytes } of this.#byType.values()) this.#budget.giveBack(bytes);
    this.#byType.clear();
  }
}
