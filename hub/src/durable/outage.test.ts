import { pino } from "pino";
import { describe, expect, it, test } from "vitest";
import { DatabaseOutage, DatabaseRetry, explainLogin } from "./outage.ts";

test("an outage is two lines, whatever waits for the database; other trouble is told apart", () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line) => lines.push(JSON.parse(line).msg.split(";")[0]) });
  const outage = new DatabaseOutage(logger);
  const away = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  for (let outages = 0; outages < 2; outages += 1) {
    for (let attempts = 0; attempts < 5; attempts += 1) outage.failed(away);
    outage.over();
    outage.over();
  }
  const once = ["the database does not answer", "the database is back"];
  expect(lines.splice(0)).toEqual([...once, ...once]);

  outage.failed(new Error("no such column"));
  outage.failed(new Error("no such column"));
  outage.failed(new Error("no such table"));
  expect(lines).toEqual(Array(2).fill("the database does not take what it is given"));
});

const pauses = { firstMs: 1, longestMs: 2 };
const away = new Error("ECONNREFUSED");
const refused = new Error("a row that the database refuses");

function createRetry(options = { pauses }) {
  const lines: string[] = [];
  const outage = new DatabaseOutage(pino({}, { write: (line: string) => void lines.push(line) }));
  return { lines, retry: new DatabaseRetry(outage, { ...options, isFinal: (error) => error === refused }) };
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
    const { retry } = createRetry({ pauses: { firstMs: 60_000, longestMs: 60_000 } });
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

const refusal = (code: string) => Object.assign(new Error('password authentication failed for user "hub"'), { code });

it.each(["28P01", "28000"])("says what to do about a login that fails with %s", (code) => {
  expect(explainLogin(refusal(code))).toMatchObject({
    message: expect.stringMatching(
      /it says: password authentication failed for user "hub"\. Mend DATABASE_URL.*ALTER ROLE/,
    ),
    cause: { code },
  });
});

it("leaves other errors alone", () => {
  for (const error of [refusal("42P01"), new Error("no code"), "a text"]) expect(explainLogin(error)).toBe(error);
});
