import { mkdir, mkdtemp, open, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeFolderDurably, makeWhole, writeSynced, writeWhole } from "./whole-file.ts";

/** Larger than any process's. */
const deadPid = 2 ** 31 - 1;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "whole-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

describe("a whole file", () => {
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

  it("is what a link leads to", async () => {
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
});

describe("what is unfinished", () => {
  it("goes when a killed process left it, and stays when others write it", async () => {
    await mkdir(join(folder, `out.${deadPid}.unfinished`, "data"), { recursive: true });
    const earlier = join(folder, `out.${process.pid}.unfinished`);
    await writeFile(earlier, "of an earlier process with this number, and longer");
    const kept = [`out.${process.ppid}.unfinished`, `other.out.${deadPid}.unfinished`, "out.csv.unfinished"];
    for (const name of kept) await writeFile(join(folder, name), "");
    await writeWhole(join(folder, "out"), [Buffer.from("whole")]);
    expect((await readdir(folder)).sort()).toEqual(["out", ...kept].sort());
  });

  it("has a name of its own where one is given, and nothing else is looked at", async () => {
    await writeFile(join(folder, `out.${deadPid}.unfinished`), "");
    const draft = join(folder, "draft");
    const write = async (unfinished: string) => {
      await writeSynced(unfinished, [Buffer.from("whole")]);
      return readdir(folder);
    };
    expect(await makeWhole(join(folder, "out"), write, draft)).toContain("draft");
    expect((await readdir(folder)).sort()).toEqual(["out", `out.${deadPid}.unfinished`]);
  });

  it("goes when it fails", async () => {
    const fails = makeWhole(join(folder, "out"), async (unfinished) => {
      await mkdir(unfinished);
      throw new Error("no more rows");
    });
    await expect(fails).rejects.toThrow("no more rows");
    expect(await readdir(folder)).toEqual([]);
  });

  it("says what to do where there is no room", async () => {
    for (const [code, reason] of [
      ["ENOSPC", "the disk is full"],
      ["EFBIG", /out was not written: it would be larger than a file may be; write less, or raise/],
    ] as const) {
      const fails = makeWhole(join(folder, "out"), () => Promise.reject(Object.assign(new Error(code), { code })));
      await expect(fails).rejects.toThrow(reason);
    }
  });
});

/** Counts what is synced from now on. */
async function watchSyncs() {
  const handle = await open(folder);
  await handle.close();
  return vi.spyOn(Object.getPrototypeOf(handle), "sync");
}

describe("a folder with a durable name", () => {
  it.each([
    ["by its whole path", (path: string) => path],
    ["by a path from here", (path: string) => relative(process.cwd(), path)],
    ["by a path with a slash at its end", (path: string) => `${path}/`],
    ["by a path that goes up again", (path: string) => path.replace("/data/", "/data/../data/")],
  ])("is made with those above it, %s", async (_, written) => {
    const made = join(folder, "data", "blobs", "ab");
    const syncs = await watchSyncs();
    await makeFolderDurably(written(made));
    expect(syncs).toHaveBeenCalledTimes(3);
    expect((await stat(made)).isDirectory()).toBe(true);
  });

  it("is left as it is when it is there already", async () => {
    await makeFolderDurably(join(folder, "ab", "cd"));
    await makeFolderDurably(join(folder, "ab"));
    expect(await readdir(join(folder, "ab"))).toEqual(["cd"]);
  });
});
