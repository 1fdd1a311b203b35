import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { writeWhole } from "./write-whole.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "write-whole-"));
  return () => rm(folder, { recursive: true });
});

it("takes the place of a file, and stays when its successor fails", async () => {
  const file = join(folder, "rows.csv");
  await writeWhole(file, [Buffer.from("a"), Buffer.from("b")]);
  async function* broken() {
    yield Buffer.from("c");
    throw new Error("enough");
  }
  await expect(writeWhole(file, broken())).rejects.toThrow("enough");
  expect(await readFile(file, "utf8")).toBe("ab");
  expect(await readdir(folder)).toEqual(["rows.csv"]);
});

it("writes what a link leads to", async () => {
  await writeFile(join(folder, "first.csv"), "");
  await symlink("first.csv", join(folder, "newest.csv"));
  await writeWhole(join(folder, "newest.csv"), [Buffer.from("a")]);
  expect(await readlink(join(folder, "newest.csv"))).toBe("first.csv");
  expect(await readFile(join(folder, "first.csv"), "utf8")).toBe("a");
});

it("never takes the place of what is no file", async () => {
  await mkdir(join(folder, "taken"));
  await expect(writeWhole(join(folder, "taken"), [])).rejects.toThrow("expected the path of a file");
  await expect(writeWhole("/dev/null", [])).rejects.toThrow("expected the path of a file; /dev/null is none");
  await expect(writeWhole(join(folder, "none", "rows.csv"), [])).rejects.toThrow("there is no folder");
  expect(await readdir(folder)).toEqual(["taken"]);
});
