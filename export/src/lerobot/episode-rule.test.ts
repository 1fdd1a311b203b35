import { expect, test } from "vitest";
import { parseEpisodeRule } from "./episode-rule.ts";

test.each([
  ["command", { by: "command", command: undefined }],
  ["command:fetch", { by: "command", command: "fetch" }],
  ["command:go:home", { by: "command", command: "go:home" }],
  ["gap:5s", { by: "gap", gapMs: 5_000 }],
  ["gap:250ms", { by: "gap", gapMs: 250 }],
  ["gap:1.5m", { by: "gap", gapMs: 90_000 }],
  ["packet", { by: "packet" }],
])("%s is a rule", (text, rule) => {
  expect(parseEpisodeRule(text)).toEqual(rule);
});

test.each(["", "gap", "gap:", "gap:0s", "gap:5", "gap:5h", "command:", "packet:start", "day"])("%j is none", (text) => {
  expect(() => parseEpisodeRule(text)).toThrow(`as in gap:5s, or packet; got ${text}`);
});
