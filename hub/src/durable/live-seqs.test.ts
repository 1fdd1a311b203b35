import { expect, it } from "vitest";
import { createLiveSeqs } from "./live-seqs.ts";

it("knows how far each stream has gone on live, and never goes back", () => {
  const live = createLiveSeqs();
  expect([live.advance("a", 10), live.advance("b", 3), live.advance("a", 4), live.advance("a", 12)]).toEqual([
    0, 0, 10, 10,
  ]);
  expect([live.advance("a", 12), live.advance("b", 3)]).toEqual([12, 3]);
});

it("forgets the stream that has been silent longest when there are too many", () => {
  const live = createLiveSeqs();
  live.advance("busy", 1);
  live.advance("silent", 1);
  for (let index = 0; index < 9_999; index += 1) {
    live.advance(`stream ${index}`, 1);
    live.advance("busy", index);
  }
  expect([live.advance("busy", 1), live.advance("silent", 1)]).toEqual([9_998, 0]);
});
