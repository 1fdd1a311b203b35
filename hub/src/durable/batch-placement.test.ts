import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LiveSeqs, placeBatch } from "./batch-placement.ts";

describe("placeBatch", () => {
  it.each([
    ["follows on", { lastSeq: 10, firstSeq: 11, count: 5 }, { kind: "next", skip: 0 }],
    ["is the first", { lastSeq: 0, firstSeq: 1, count: 1 }, { kind: "next", skip: 0 }],
    ["overlaps", { lastSeq: 10, firstSeq: 8, count: 5 }, { kind: "next", skip: 3 }],
    ["brings one new packet", { lastSeq: 10, firstSeq: 1, count: 11 }, { kind: "next", skip: 10 }],
    ["is known", { lastSeq: 10, firstSeq: 6, count: 5 }, { kind: "known" }],
    ["is long known", { lastSeq: 10, firstSeq: 1, count: 2 }, { kind: "known" }],
    ["leaves a gap of one", { lastSeq: 10, firstSeq: 12, count: 5 }, { kind: "gap", expectedSeq: 11 }],
    ["skips the beginning", { lastSeq: 0, firstSeq: 2, count: 1 }, { kind: "gap", expectedSeq: 1 }],
  ] as const)("a batch that %s", (_what, { lastSeq, firstSeq, count }, position) => {
    expect(placeBatch(lastSeq, firstSeq, count)).toEqual(position);
  });

  it.each([
    ["reaches back to what is known", 21, { kind: "next", skip: 0 }],
    ["reaches back beyond what is known", 5, { kind: "next", skip: 0 }],
    ["does not reach back far enough", 22, { kind: "gap", expectedSeq: 21 }],
  ] as const)("a batch whose relay_gap %s", (_what, coversFrom, position) => {
    expect(placeBatch(20, 90, 3, coversFrom)).toEqual(position);
  });

  it("lets through exactly the packets that are not known", () => {
    const seq = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.nat(40), seq, seq, (lastSeq, firstSeq, count) => {
        const seqs = Array.from({ length: count }, (_, index) => firstSeq + index);
        const unknown = seqs.filter((one) => one > lastSeq);
        const position = placeBatch(lastSeq, firstSeq, count);
        if (position.kind === "gap") expect(unknown[0]).toBeGreaterThan(lastSeq + 1);
        else expect(position.kind === "known" ? [] : seqs.slice(position.skip)).toEqual(unknown);
      }),
    );
  });
});

it("knows how far each stream has gone on live, and never goes back", () => {
  const live = new LiveSeqs();
  expect([live.advance("a", 10), live.advance("b", 3), live.advance("a", 4), live.advance("a", 12)]).toEqual([
    0, 0, 10, 10,
  ]);
  expect([live.advance("a", 12), live.advance("b", 3)]).toEqual([12, 3]);
});

it("forgets the stream that has been silent longest when there are too many", () => {
  const live = new LiveSeqs();
  live.advance("busy", 1);
  live.advance("silent", 1);
  for (let index = 0; index < 9_999; index += 1) {
    live.advance(`stream ${index}`, 1);
    live.advance("busy", index);
  }
  expect([live.advance("busy", 1), live.advance("silent", 1)]).toEqual([9_998, 0]);
});
