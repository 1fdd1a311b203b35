import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { makeWhole } from "./make-whole.ts";
import { writeWhole } from "./write-whole.ts";

/** Larger than any process's. */
const deadPid = 2 ** 31 - 1;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "whole-"));
  return () => rm(folder, { recursive: true });
});

test("what killed processes left goes, what others write stays", async () => {
  await mkdir(join(folder, `out.${deadPid}.unfinished`, "data"), { recursive: true });
  await writeFile(join(folder, `out.${process.pid}.unfinished`), "of an earlier process with this number, and longer");
  const kept = [`out.${process.ppid}.unfinished`, `other.out.${deadPid}.unfinished`, "out.csv.unfinished"];
  for (const name of kept) await writeFile(join(folder, name), "");
  await writeWhole(join(folder, "out"), [Buffer.from("whole")]);
  expect((await readdir(folder)).sort()).toEqual(["out", ...kept].sort());
});

test("says what to do where there is no room", async () => {
  for (const [code, reason] of [
    ["ENOSPC", "the disk is full"],
    ["EFBIG", /out was not written: it would be larger than a file may be; write less, or raise/],
  ] as const) {
    const fails = makeWhole(join(folder, "out"), () => Promise.reject(Object.assign(new Error(code), { code })));
    await expect(fails).rejects.toThrow(reason);
  }
});

test("nothing is left of what fails", async () => {
  const fails = makeWhole(join(folder, "out"), async (unfinished) => {
    await mkdir(unfinished);
    throw new Error("no more rows");
  });
  await expect(fails).rejects.toThrow("no more rows");
  expect(await readdir(folder)).toEqual([]);
});
