import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  commaSeparated,
  days,
  folder as folderPath,
  moment,
  names,
  positiveNumber,
  readBy,
  requireSpan,
  textIn,
  urlOf,
  wholeNumber,
  yesOrNo,
} from "./values.ts";

it("a variable that says no, or nothing, is no", () => {
  for (const text of ["0", "false", "no", "off", ""]) expect(yesOrNo(text)).toBe(false);
  for (const text of ["1", "true", "YES", "on"]) expect(yesOrNo(text)).toBe(true);
  expect(() => yesOrNo("maybe")).toThrow("expected yes or no (1, 0, true, false); got maybe");
});

it("whole numbers stay within their bounds, and are written as such", () => {
  expect(["0", "3000", "65535"].map(wholeNumber(0, 65_535))).toEqual([0, 3_000, 65_535]);
  for (const text of ["-1", "65536", "1.5", "1e3", "0x10", " 7", "", "many"]) {
    expect(() => wholeNumber(0, 65_535)(text)).toThrow(`expected a whole number from 0 to 65535; got ${text}`);
  }
  expect(() => wholeNumber(1)("0")).toThrow("from 1 on; got 0");
});

it("other numbers are above 0 and finite", () => {
  expect(["0.5", "1e3"].map(positiveNumber)).toEqual([0.5, 1_000]);
  for (const text of ["0", "-1", "", " ", "Infinity", "fast"]) expect(() => positiveNumber(text)).toThrow("above 0");
});

it("days have their unit", () => {
  expect(days("30d")).toBe(30);
  for (const text of ["0d", "30", "1.5d", "d"]) expect(() => days(text)).toThrow(`as in 30d; got ${text}`);
});

it("moments are dates, or dates with a time", () => {
  expect(moment("2026-03-01").getTime()).toBe(Date.UTC(2026, 2, 1));
  expect(moment("2026-03-01T08:00:00.5+01:00").getTime()).toBe(Date.UTC(2026, 2, 1, 7, 0, 0, 500));
  for (const text of ["2026-03-01T08:00", "2026-03-01 08:00", "2026-03-01 08:00:00.000+00", "2026-03-01T09:00 01:00"]) {
    expect(moment(text).toISOString()).toBe("2026-03-01T08:00:00.000Z");
  }
  for (const text of ["", "yesterday", "1", "2026-13-01", "2026-03-01T25:00Z"]) {
    expect(() => moment(text)).toThrow(`got ${text}`);
  }
});

it("an address is kept as it is when its protocol is one of those expected", () => {
  expect(urlOf("http", "https")("http://127.0.0.1:3000")).toBe("http://127.0.0.1:3000");
  for (const text of ["redis://host", "127.0.0.1:3000", "hub", ""]) {
    expect(() => urlOf("http", "https")(text)).toThrow(`expected http://host:port or https://host:port; got ${text}`);
  }
});

it("a list may have spaces and a comma too many", () => {
  expect(commaSeparated("impact, event/*,")).toEqual(["impact", "event/*"]);
  expect(commaSeparated("")).toEqual([]);
});

it("what another reader throws becomes the option's message", () => {
  const read = readBy((text) => JSON.parse(text));
  expect(read("[1]")).toEqual([1]);
  expect(() => read("[")).toThrow(expect.objectContaining({ code: "commander.invalidArgument" }));
});

it("a text in a file is read without what editors put around it", () => {
  const folder = mkdtempSync(join(tmpdir(), "options-"));
  const file = join(folder, "token");
  expect(() => textIn(file)).toThrow("no such file");
  writeFileSync(file, "\n");
  expect(() => textIn(file)).toThrow(`${file} is empty`);
  writeFileSync(file, "abc\r\n");
  expect(textIn(file)).toBe("abc");
  rmSync(folder, { recursive: true });
});

it("a folder has a name", () => {
  expect(folderPath("data")).toBe("data");
  expect(() => folderPath("")).toThrow("expected the path of a folder; got an empty text: name one");
});

it("names are one at least", () => {
  expect(names("EP01, Größe 2")).toEqual(["EP01", "Größe 2"]);
  for (const text of ["", " , ", "a\0"]) expect(() => names(text)).toThrow("expected a name");
});

it("a span of time has something in it", () => {
  const [since, until] = [moment("2026-03-01"), moment("2026-03-02")];
  for (const span of [{}, { since }, { until }, { since, until }]) expect(() => requireSpan(span)).not.toThrow();
  for (const span of [
    { since: until, until: since },
    { since, until: since },
  ]) {
    expect(() => requireSpan(span)).toThrow(/expected since before until; got 2026-03-0/);
  }
});
