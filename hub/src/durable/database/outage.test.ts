import { pino } from "pino";
import { expect, test } from "vitest";
import { createDatabaseOutage } from "./outage.ts";

test("an outage is two lines, whatever waits for the database; other trouble is told apart", () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line) => lines.push(JSON.parse(line).msg.split(";")[0]) });
  const outage = createDatabaseOutage(logger);
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
