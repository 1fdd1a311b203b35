/** Fits a log to what the hub has committed, when the two meet again. */
import type { Resumption } from "../packet-log.ts";
import { relayGap, withRange } from "../relay-gap.ts";
import { decodeBlock, encodeEntries } from "./block.ts";
import { gapStart } from "./entry.ts";
import type { LogContent } from "./log-content.ts";
import type { RoomMaker } from "./make-room.ts";

/** @param committed the position that the hub's committed number is for this log */
export async function fitToHub(content: LogContent, room: RoomMaker, committed: number): Promise<Resumption> {
  const { last, unsentAfter } = content.state;
  if (committed > Math.max(unsentAfter ?? last, content.trimmedTo)) {
    await follow(content, committed);
    return "hub_ahead";
  }
  if (committed < content.trimmedTo) {
    await room.sweep();
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
