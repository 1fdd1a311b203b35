import { expect, test } from "vitest";
import { summarise } from "./journal.ts";

const journal = (...lines: string[]) => summarise(lines.map((line) => `${line}\n`).join(""));

test("the last line tells how far the log is", () => {
  expect(journal("opened 0 s", "accepted 5", "accepted 9")).toEqual({
    streamIds: ["s"],
    accepted: 9,
    lostByLog: 0,
    silent: false,
  });
});

test("a log may have more than was noted, and that counts", () => {
  expect(journal("opened 0 s", "accepted 5", "opened 7 s", "silent 7")).toMatchObject({
    accepted: 7,
    lostByLog: 0,
    silent: true,
  });
});

test("a log that has less than it had acknowledged has lost it", () => {
  expect(journal("opened 0 s", "accepted 5", "opened 3 s", "accepted 4")).toMatchObject({ accepted: 4, lostByLog: 2 });
});

test("a log that begins again is another stream", () => {
  expect(journal("opened 0 a", "accepted 5", "opened 0 b")).toMatchObject({ streamIds: ["a", "b"], lostByLog: 5 });
});

test("a line that is being written does not count yet", () => {
  expect(summarise("opened 0 s\naccepted 5\naccepted 12")).toMatchObject({ accepted: 5 });
});
