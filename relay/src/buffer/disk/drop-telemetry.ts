/** What is left of packets when their telemetry is dropped: events, and gaps between them. */
import { gapOf, relayGap } from "../relay-gap.ts";
import { covers, type Entry, gapStart } from "./entry.ts";
import type { IsKeptType } from "./kept-types.ts";

/** Why a gap of the quota is there. */
export const quotaReason = "the relay's buffer was full";

export interface Remainder {
  entries: Entry[];
  /** How many packets went. */
  dropped: number;
}

/**
 * Drops all telemetry among consecutive entries. Gaps of earlier drops grow into the new ones.
 *
 * @param from the first position that the entries stand for
 */
export function dropTelemetry(entries: readonly Entry[], from: number, isKept: IsKeptType): Remainder {
  const remainder: Remainder = { entries: [], dropped: 0 };
  let missingFrom = from;
  let lastMissing: Entry | undefined;
  const endGap = () => {
    if (lastMissing === undefined) return;
    const range = { firstSeq: missingFrom, lastSeq: lastMissing.position, reason: quotaReason };
    remainder.entries.push({ position: lastMissing.position, packet: relayGap(lastMissing.packet, range) });
    lastMissing = undefined;
  };
  for (const entry of entries) {
    const isGap = gapStart(entry) !== undefined;
    if (isGap ? gapOf(entry.packet)?.reason === quotaReason : !isKept(entry.packet.type)) {
      lastMissing = entry;
      if (!isGap) remainder.dropped += 1;
      continue;
    }
    endGap();
    remainder.entries.push(entry);
    missingFrom = entry.position + 1;
  }
  endGap();
  return remainder;
}

/** The first position that consecutive entries stand for, where everything up to `trimmedTo` is forgotten. */
export function firstCovered(entries: readonly Entry[], trimmedTo: number): number {
  const [first] = entries;
  return Math.max(trimmedTo + 1, first === undefined ? 0 : covers(first));
}
