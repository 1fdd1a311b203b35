/** Which container people mean. */
import type { DockerManager } from "./docker-manager.ts";
import { DockerError } from "./errors.ts";
import type { ContainerInfo } from "./own-containers.ts";

/**
 * @param text a framework where there is one container of it, a name, or an id or its beginning
 * @throws DockerError `container_missing`, `not_ours`, `invalid_option` where it could be several
 */
export async function containerNamed(manager: DockerManager, text: string): Promise<ContainerInfo> {
  const containers = (await manager.listContainers(true)).filter(({ framework }) => framework === text);
  const [only, ...others] = containers;
  if (only === undefined) return manager.getContainer(text);
  if (others.length === 0) return only;
  const names = containers.map(({ name }) => name).join(", ");
  throw new DockerError("invalid_option", `expected one container; there are several of ${text}: name one of ${names}`);
}
