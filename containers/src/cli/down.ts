/** `down`: leaves nothing of ours behind. */
import type { DockerManager } from "../docker-manager.ts";

/** Stops and removes the containers of some frameworks, or all; the network goes with the last one. */
export async function down(
  manager: DockerManager,
  frameworks: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const containers = await manager.listContainers(true);
  const meant = containers.filter(({ framework }) => frameworks.length === 0 || frameworks.includes(framework));
  await Promise.all(
    meant.map(async ({ id, name, usedBy }) => {
      await manager.stopContainer(id);
      await manager.removeContainer(id, { volumes: true });
      say(
        usedBy === undefined
          ? `removed ${name}`
          : `removed ${name}; if its brain worker runs, it comes back: stop that first`,
      );
    }),
  );
  if (meant.length === containers.length) await manager.removeNetwork();
}
