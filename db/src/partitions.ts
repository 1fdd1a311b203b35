/** Daily range partitions: which there must be, and which times are too absurd for one. */
import type { Pool } from "pg";
import { dayMs, dayOf } from "./days.ts";
import { createPartitions } from "./queries/create-partitions.ts";

/** How far from now a packet's time may be, in days. */
export interface ClockLimits {
  pastDays: number;
  futureDays: number;
}

/** A relay may come back after a month offline; a clock that is a day ahead is wrong. */
export const defaultClockLimits: ClockLimits = { pastDays: 31, futureDays: 1 };

/** Keeps partitions ahead of time, and makes those of the past when late packets need them. */
export class PartitionKeeper {
  readonly #pool: Pool;
  readonly #limits: ClockLimits;
  readonly #now: () => number;
  /** Days whose partitions are there. */
  readonly #known = new Set<number>();

  /** @param now epoch milliseconds */
  constructor(pool: Pool, limits: ClockLimits = defaultClockLimits, now: () => number = Date.now) {
    this.#pool = pool;
    this.#limits = limits;
    this.#now = now;
  }

  /** Makes the partitions of today and of every future day that the limits allow. */
  async makeAhead(): Promise<void> {
    const today = dayOf(this.#now());
    await this.#make(Array.from({ length: this.#limits.futureDays + 2 }, (_, ahead) => today + ahead));
  }

  /** Makes the partitions of these times where there are none yet. */
  async makeFor(times: Iterable<number>): Promise<void> {
    const days = new Set<number>();
    for (const time of times) days.add(dayOf(time));
    await this.#make([...days]);
  }

  /** Takes nothing for granted any more: someone has dropped a partition. */
  forget(): void {
    this.#known.clear();
  }

  /** Says what is wrong with a packet's time, if anything. */
  problemWith(epochMs: number): string | undefined {
    const { pastDays, futureDays } = this.#limits;
    const ageDays = (this.#now() - epochMs) / dayMs;
    if (ageDays <= pastDays && ageDays >= -futureDays) return undefined;
    return (
      `the packet's time ${describeTime(epochMs)} is ${describeAge(ageDays)} the hub's clock; expected at most ` +
      `${pastDays} days before and ${futureDays} after it: set the relay's clock`
    );
  }

  async #make(days: readonly number[]): Promise<void> {
    const missing = days.filter((day) => !this.#known.has(day));
    if (missing.length === 0) return;
    await createPartitions(this.#pool, missing);
    for (const day of missing) this.#known.add(day);
  }
}

function describeTime(epochMs: number): string {
  return Number.isFinite(epochMs) && Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : String(epochMs);
}

function describeAge(ageDays: number): string {
  const days = Math.abs(ageDays).toFixed(1);
  return ageDays > 0 ? `${days} days before` : `${days} days after`;
}
