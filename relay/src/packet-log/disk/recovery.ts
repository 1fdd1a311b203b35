/**
 * A log and a hub that do not fit together, and a disk that lost packets: numbers are moved where the hub is ahead, and a
 * gap says what is missing, so that the stream goes on.
 */
import type { Logger } from "pino";
import { relayGap, withRange } from "../gap.ts";
import type { Resumption } from "../packet-log.ts";
import { decodeBlock, encodeEntries, gapStart } from "./block.ts";
import type { LogContent } from "./content.ts";
import type { DiskQuota } from "./quota.ts";

/**
 * Fits a log to what the hub has committed, when the two meet again.
 *
 * @param committed the position that the hub's committed number is for this log
 */
export async function fitToHub(content: LogContent, quota: DiskQuota, committed: number): Promise<Resumption> {
  const { last, unsentAfter } = content.state;
  if (committed > Math.max(unsentAfter ?? last, content.trimmedTo)) {
    await follow(content, committed);
    return "hub_ahead";
  }
  if (committed < content.trimmedTo) {
    await quota.sweep();
    await coverTrimmed(content, committed);
    return "hub_behind";
  }
  content.forget(committed);
  return "continues";
}

/** The hub has packets that this log does not know: what was not sent follows them. */
async function follow(content: LogContent, committed: number): Promise<void> {
  const { shift, unsentAfter } = content.state;
  const trimmedTo = Math.max(content.trimmedTo, unsentAfter ?? 0);
  const state = { trimmedTo, shift: shift + committed - trimmedTo, unsentAfter: null };
  await content.rewrite({ state, sync: true });
}

/** The hub wants packets again that it acknowledged and that are removed: a gap says so. */
async function coverTrimmed(content: LogContent, committed: number): Promise<void> {
  const { trimmedTo } = content;
  const { sparseTo, robot } = content.state;
  const block = await content.blockAt(trimmedTo + 1);
  const kept = ((block && decodeBlock(block)) ?? []).filter(({ position }) => position > trimmedTo);
  const [first] = kept;
  const grown = first !== undefined && gapStart(first) !== undefined ? first : undefined;
  const position = grown?.position ?? trimmedTo;
  const range = { firstSeq: committed + 1, lastSeq: position };
  const reason = "the hub had acknowledged these and no longer has them";
  const packet = grown === undefined ? relayGap(robot, { ...range, reason }) : withRange(grown.packet, range);
  const entries = [{ position, packet }, ...kept.filter((entry) => entry !== grown)];
  await content.rewrite({
    remove: block === undefined ? [] : [block],
    put: content.toBlocks(encodeEntries(entries)),
    state: { trimmedTo: committed, sweptTo: committed, sparseTo: Math.max(sparseTo, position) },
    sync: true,
  });
}

/** Packets at the end that the state knows of and no block holds. */
export async function coverLostEnd(content: LogContent, logger: Logger): Promise<void> {
  const newest = Math.max(content.trimmedTo, (await content.store.newestBlock()) ?? 0);
  if (newest < content.state.last) await cover(content, newest + 1, content.state.last, logger);
}

/** Packets from a position on that could not be read, if they still cannot and are still wanted. */
export async function coverDamage(content: LogContent, position: number, logger: Logger): Promise<void> {
  const from = Math.max(position, content.trimmedTo + 1);
  const { missingTo } = await content.run(from, { maxPackets: 1, maxBytes: 0 });
  if (missingTo !== undefined) await cover(content, from, missingTo, logger);
}

async function cover(content: LogContent, from: number, to: number, logger: Logger): Promise<void> {
  const { shift, robot, sparseTo } = content.state;
  logger.error({ first_seq: from + shift, packets: to - from + 1 }, "the disk lost packets; a gap says so");
  const damaged = await content.blockAt(to);
  const packet = relayGap(robot, { firstSeq: from, lastSeq: to, reason: "the relay's disk lost these" });
  await content.rewrite({
    remove: damaged?.last === to ? [damaged] : [],
    put: content.toBlocks(encodeEntries([{ position: to, packet }])),
    state: { sparseTo: Math.max(sparseTo, to) },
    sync: true,
  });
}
