import { mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeFolderDurably } from "./durable-file.ts";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "durable-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(place, { recursive: true });
});

/** Counts what is synced from now on. */
async function watchSyncs() {
  const handle = await open(place);
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
    const folder = join(place, "data", "blobs", "ab");
    const syncs = await watchSyncs();
    await makeFolderDurably(written(folder));
    expect(syncs).toHaveBeenCalledTimes(3);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it("is left as it is when it is there already", async () => {
    await makeFolderDurably(join(place, "ab", "cd"));
    await makeFolderDurably(join(place, "ab"));
    expect(await readdir(join(place, "ab"))).toEqual(["cd"]);
  });
});
