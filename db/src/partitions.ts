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
export interface PartitionKeeper {
  /** Makes the partitions of today and of every future day that the limits allow. */
  makeAhead(): Promise<void>;
  /** Makes the partitions of these times where there are none yet. */
  makeFor(times: Iterable<number>): Promise<void>;
  /** Takes nothing for granted any more: someone has dropped a partition. */
  forget(): void;
  /** Says what is wrong with a packet's time, if anything. */
  problemWith(epochMs: number): string | undefined;
}

/** Makes the keeper of the partitions. `now` is the clock, in epoch milliseconds. */
export function createPartitionKeeper(
  pool: Pool,
  limits: ClockLimits = defaultClockLimits,
  now = Date.now,
): PartitionKeeper {
  const known = new Set<number>();

  async function make(days: number[]): Promise<void> {
    const missing = days.filter((day) => !known.has(day));
    if (missing.length === 0) return;
    await createPartitions(pool, missing);
    for (const day of missing) known.add(day);
  }

  return {
    async makeAhead() {
      const today = dayOf(now());
      await make(Array.from({ length: limits.futureDays + 2 }, (_, ahead) => today + ahead));
    },
    async makeFor(times) {
      const days = new Set<number>();
      for (const time of times) days.add(dayOf(time));
      await make([...days]);
    },
    forget: () => known.clear(),
    problemWith(epochMs) {
      const ageDays = (now() - epochMs) / dayMs;
      if (ageDays <= limits.pastDays && ageDays >= -limits.futureDays) return undefined;
      return (
        `the packet's time ${describeTime(epochMs)} is ${describeAge(ageDays)} the hub's clock; expected at most ` +
        `${limits.pastDays} days before and ${limits.futureDays} after it: set the relay's clock`
      );
    },
  };
}

function describeTime(epochMs: number): string {
  return Number.isFinite(epochMs) && Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : String(epochMs);
}

function describeAge(ageDays: number): string {
  const days = Math.abs(ageDays).toFixed(1);
  return ageDays > 0 ? `${days} days before` : `${days} days after`;
}
