/** Some settings of a container are for life. To change one, the container is made anew under the same name. */
import { messageOf } from "@physical-ai/service/errors";
import type { ContainerCreateOptions } from "dockerode";
import { type ContainerAnswer, validateCreated } from "./engine/answers.ts";
import type { Engine } from "./engine/engine.ts";
import { DockerError, unless } from "./engine/errors.ts";
import type { OwnContainer } from "./own-containers.ts";

/**
 * Makes the container anew with its image, volumes, networks and settings, and starts it if it was running. What ran in
 * it has ended, and what it wrote outside its volumes is gone. When the new one cannot be made or started, the old one
 * is put back as it was.
 *
 * @returns the new container's id
 */
export async function replaceContainer(
  engine: Engine,
  { info, answer }: OwnContainer,
  change: (spec: ContainerCreateOptions) => ContainerCreateOptions,
): Promise<string> {
  const { id, name } = info;
  const { Running: wasRunning } = answer.State;
  const aside = `${name}_replaced_${id.slice(0, 12)}`;
  if (wasRunning) await engine.tell((docker) => docker.getContainer(id).stop()).catch(unless("unchanged"));
  await engine.tell((docker) => docker.getContainer(id).rename({ name: aside }));
  try {
    const created = await create(engine, change(specOf(answer, name)), answer);
    await remove(engine, id);
    return created;
  } catch (error) {
    await putBack().catch((second: Error) => {
      const first = messageOf(error);
      const problem = `${first}; and the old container could not be put back, it is ${aside} now: ${second.message}`;
      throw new DockerError("refused", problem, { cause: error });
    });
    throw error;
  }

  async function putBack(): Promise<void> {
    await engine.tell((docker) => docker.getContainer(id).rename({ name }));
    if (wasRunning) await engine.tell((docker) => docker.getContainer(id).start());
  }
}

/** A container with the networks and the state of the old one, or none. */
async function create(engine: Engine, spec: ContainerCreateOptions, old: ContainerAnswer): Promise<string> {
  const { id } = await engine.ask(validateCreated, (docker) => docker.createContainer(spec));
  try {
    // The first network comes with the container.
    const others = Object.keys(old.NetworkSettings.Networks).filter((name) => name !== old.HostConfig.NetworkMode);
    for (const name of others) {
      await engine.tell((docker) => docker.getNetwork(name).connect({ Container: id }));
    }
    if (old.State.Running) await engine.tell((docker) => docker.getContainer(id).start());
    return id;
  } catch (error) {
    await remove(engine, id);
    throw error;
  }
}

function remove(engine: Engine, id: string): Promise<void> {
  return engine.tell((docker) => docker.getContainer(id).remove({ force: true }));
}

/** What the engine must be told to make the same container. */
function specOf(answer: ContainerAnswer, name: string): ContainerCreateOptions {
  const { Hostname, ...config } = answer.Config;
  const { Binds, DeviceRequests, ...hostConfig } = answer.HostConfig;
  const binds = Binds ?? [];
  const bound = new Set(binds.map((bind) => bind.split(":")[1]));
  // The engine made these for the image, under names of its own.
  const unnamed = answer.Mounts.filter((mount) => mount.Type === "volume" && !bound.has(mount.Destination));
  return {
    ...config,
    ...(answer.Id.startsWith(Hostname) ? {} : { Hostname }),
    name,
    Image: answer.Image,
    Labels: config.Labels ?? {},
    HostConfig: {
      ...hostConfig,
      DeviceRequests: DeviceRequests ?? [],
      Binds: [...binds, ...unnamed.map((mount) => `${mount.Name}:${mount.Destination}`)],
    },
  };
}
