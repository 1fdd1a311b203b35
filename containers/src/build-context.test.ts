import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { packContext } from "./build-context.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "context-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("holds what .dockerignore leaves, and always the Dockerfile", async () => {
  const files = [
    "pi0/Dockerfile",
    "pi0/notes.md",
    "python/zmq/server.py",
    "python/zmq/__pycache__/server.pyc",
    "secret",
  ];
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), file);
  }
  expect(await packed("pi0/Dockerfile")).toEqual([...files].sort());
  await writeFile(join(folder, ".dockerignore"), "# all but the sources\n*\n!python\n**/__pycache__\n");
  expect(await packed("pi0/Dockerfile")).toEqual(["pi0/Dockerfile", "python/zmq/server.py"]);
});

/** The files that the engine would see. */
async function packed(dockerfile: string): Promise<string[]> {
  const target = await mkdtemp(join(tmpdir(), "context-unpacked-"));
  await pipeline(await packContext(folder, dockerfile), extract(target));
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  await rm(target, { recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1))
    .sort();
}
