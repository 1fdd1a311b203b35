import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createDatabaseOutage } from "./outage.ts";
import { createDatabaseRetry } from "./retry.ts";

const pauseMs = { first: 1, longest: 2 };
const away = new Error("ECONNREFUSED");
const refused = new Error("a row that the database refuses");

function createRetry(options = { pauseMs }) {
  const lines: string[] = [];
  const outage = createDatabaseOutage(pino({}, { write: (line: string) => void lines.push(line) }));
  return { lines, retry: createDatabaseRetry(outage, { ...options, isFinal: (error) => error === refused }) };
}

describe("the database's retry", () => {
  it("tries until the database answers, and tells of the outage once", async () => {
    const { lines, retry } = createRetry();
    const problems = [away, away, away];
    const answer = await retry.untilAnswered(async () => {
      const problem = problems.pop();
      if (problem !== undefined) throw problem;
      return "answer";
    });
    expect(answer).toBe("answer");
    expect(retry.retries).toBe(3);
    expect(lines).toHaveLength(2);
  });

  it("does not try again what cannot be helped", async () => {
    const { lines, retry } = createRetry();
    await expect(retry.untilAnswered(() => Promise.reject(refused))).rejects.toBe(refused);
    expect([retry.retries, lines]).toEqual([0, []]);
  });

  it("gives up when its patience ends, after a last attempt", async () => {
    const { retry } = createRetry({ pauseMs: { first: 60_000, longest: 60_000 } });
    let attempts = 0;
    retry.giveUpAfter(5);
    const attempt = () => {
      attempts++;
      return Promise.reject(away);
    };
    await expect(retry.untilAnswered(attempt)).rejects.toMatchObject({
      message: "the hub stopped before the database took it",
      cause: away,
    });
    expect([attempts, retry.retries, retry.givenUp]).toEqual([2, 1, true]);
  });
});
