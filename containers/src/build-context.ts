/** What images are built from: Dockerfiles, and what the engine gets to see of the folders that these copy from. */
import { access, readFile, stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import dockerignore from "@balena/dockerignore";
import { type Pack, pack } from "tar-fs";
import { DockerError } from "./engine/errors.ts";

/** The project's own, seen from `dist` and from `src`: `<folder>/<framework>/Dockerfile`, which copies from the folder. */
export const dockerfilesFolder = fileURLToPath(new URL("../images", import.meta.url));

/** The project's own Dockerfile of a framework, with the folder that it copies from; `undefined` where there is none. */
export async function ownDockerfile(
  framework: string,
): Promise<{ dockerfilePath: string; contextPath: string } | undefined> {
  const dockerfilePath = join(dockerfilesFolder, framework, "Dockerfile");
  return access(dockerfilePath).then(
    () => ({ dockerfilePath, contextPath: dockerfilesFolder }),
    () => undefined,
  );
}

/** The Dockerfile as the engine will find it in the folder that it gets. */
export async function locateDockerfile(
  dockerfilePath: string,
  contextPath = dirname(dockerfilePath),
): Promise<{ folder: string; dockerfile: string }> {
  const folder = resolve(contextPath);
  const dockerfile = relative(folder, resolve(dockerfilePath));
  const found = await stat(dockerfilePath).catch(() => undefined);
  if (found?.isFile() && !dockerfile.startsWith("..")) return { folder, dockerfile };
  throw new DockerError("invalid_option", `expected a Dockerfile within ${folder}; found none at ${dockerfilePath}`);
}

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
