import { describe, expect, it } from "vitest";
import { FairQueue } from "./fair-queue.ts";

const all = { items: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

describe("a fair queue", () => {
  it("gives out what came first, at most so many and so large at once, but at least one", () => {
    const queue = new FairQueue<number>({ items: 10, bytes: 1_000 }, (item) => item);
    for (const item of [10, 20, 90, 1]) queue.push(item, "a");
    expect(queue.take({ items: 3, bytes: 40 })).toEqual([10, 20]);
    expect(queue.take({ items: 3, bytes: 40 })).toEqual([90]);
    expect(queue.take(all)).toEqual([1]);
    expect(queue.take(all)).toEqual([]);
    expect(queue.size).toBe(0);
  });

  it("gives up the oldest of whoever has most", () => {
    const queue = new FairQueue<string>({ items: 10, bytes: 1_000 }, () => 1);
    queue.push("calm 1", "calm");
    for (let count = 1; count <= 20; count++) queue.push(`greedy ${count}`, "greedy");
    expect(queue.push("calm 2", "calm")).toBe(1);
    const items = queue.take(all);
    expect(items).toHaveLength(10);
    expect(items.filter((item) => item.startsWith("calm"))).toEqual(["calm 1", "calm 2"]);
    expect(items.at(-2)).toBe("greedy 20");
  });

  it("counts how large items are, too, and has room again when they are taken", () => {
    const queue = new FairQueue<number>({ items: 100, bytes: 1_000 }, (item) => item);
    for (let count = 0; count < 50; count++) queue.push(1, "many small ones");
    for (let count = 0; count < 9; count++) expect(queue.push(100, "few large ones")).toBe(0);
    expect(queue.push(100, "few large ones")).toBe(1);
    expect(queue.push(5_000, "too large")).toBe(1);
    expect(queue.take(all)).toHaveLength(59);
    expect(queue.push(1_000, "alone")).toBe(0);
  });
});
