/** What the disk has lost is said by a gap, so that reading goes on after it. */
import type { Logger } from "pino";
import { relayGap } from "../relay-gap.ts";
import { encodeEntries } from "./block.ts";
import type { LogContent } from "./log-content.ts";

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
