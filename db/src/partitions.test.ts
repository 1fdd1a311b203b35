import pg from "pg";
import { describe, expect, it } from "vitest";
import { PartitionKeeper } from "./partitions.ts";

const day = 86_400_000;
const now = Date.UTC(2025, 10, 21, 12);

describe("the limits of a packet's clock", () => {
  const keeper = new PartitionKeeper(new pg.Pool(), { pastDays: 31, futureDays: 1 }, () => now);

  it.each([
    ["now", now],
    ["31 days before", now - 31 * day],
    ["a day after", now + day],
  ])("let %s through", (_when, time) => {
    expect(keeper.problemWith(time)).toBeUndefined();
  });

  it.each([
    [now - 31 * day - 1, "2025-10-21T11:59:59.999Z is 31.0 days before"],
    [now + day + 1, "2025-11-22T12:00:00.001Z is 1.0 days after"],
    [0, "1970-01-01T00:00:00.000Z is 20413.5 days before"],
    [8.64e15 + 1, "8640000000000001 is 99979586.5 days after"],
    [Number.NaN, "NaN is"],
  ])("refuse %d, naming it, the limits and the remedy", (time, problem) => {
    expect(keeper.problemWith(time)).toMatch(`the packet's time ${problem}`);
    expect(keeper.problemWith(time)).toMatch("at most 31 days before and 1 after it: set the relay's clock");
  });
});
