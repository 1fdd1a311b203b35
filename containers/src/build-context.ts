/** What the engine gets to see of a folder that an image is built from. */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import dockerignore from "@balena/dockerignore";
import { type Pack, pack } from "tar-fs";

/** The folder as a tar stream, without what its `.dockerignore` names; the Dockerfile is always in it. */
export async function packContext(folder: string, dockerfile: string): Promise<Pack> {
  const patterns = await readFile(join(folder, ".dockerignore"), "utf8").catch(() => "");
  const ignored = dockerignore.default({ ignorecase: false }).add(patterns);
  return pack(folder, {
    ignore(path) {
      const name = relative(folder, path);
      return name !== "" && name !== dockerfile && !dockerfile.startsWith(`${name}/`) && ignored.ignores(name);
    },
  });
}
