/** What the images of frameworks are built from. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
