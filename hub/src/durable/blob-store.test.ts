import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BlobStore } from "./blob-store.ts";

describe("the blob store", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "blobs-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const frame = { sha256: "ab12", bytes: Buffer.from("a camera frame") };

  it("keeps bytes under their hash", async () => {
    await new BlobStore(folder).write([frame, { sha256: "cd34", bytes: Buffer.from("another") }]);
    expect(await readFile(join(folder, "ab", "ab12"))).toEqual(frame.bytes);
    expect(await readFile(join(folder, "cd", "cd34"), "utf8")).toBe("another");
  });

  it("leaves one whole file when the same bytes come several times at once", async () => {
    const store = new BlobStore(folder);
    await Promise.all([store.write([frame, frame]), store.write([frame]), new BlobStore(folder).write([frame])]);
    expect(await readdir(join(folder, "ab"))).toEqual(["ab12"]);
    expect(await readFile(join(folder, "ab", "ab12"))).toEqual(frame.bytes);
  });

  it("makes its folder, and says when it cannot write", async () => {
    await new BlobStore(join(folder, "new", "blobs")).write([frame]);
    await writeFile(join(folder, "file"), "");
    await expect(new BlobStore(join(folder, "file")).write([frame])).rejects.toThrow("ENOTDIR");
  });
});
