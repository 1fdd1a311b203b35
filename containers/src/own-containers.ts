/** Finds the manager's containers, and nobody else's. */
import { type ContainerAnswer, type containerStates, validateContainer, validateContainers } from "./engine/answers.ts";
import type { Engine } from "./engine/engine.ts";
import { DockerError, unless } from "./engine/errors.ts";
import { type ContainerFacts, ownedBy, readLabels } from "./engine/labels.ts";
import { frameworkNamed } from "./frameworks.ts";
import type { Settings } from "./settings.ts";

export type ContainerStatus = (typeof containerStates)[number] | "not_exist";

/** What people and programs want to know of a container. */
export interface ContainerInfo extends ContainerFacts {
  /** Another one when the container has been made anew; the name stays. */
  readonly id: string;
  readonly name: string;
  readonly status: Exclude<ContainerStatus, "not_exist">;
  /** Where a client reaches the framework, `tcp://host:port`: on the engine's machine, or on the network. See `Reach`. */
  readonly endpoint: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A container that is ours: what it is, and the engine's own account of it. */
export interface OwnContainer {
  readonly info: ContainerInfo;
  readonly answer: ContainerAnswer;
}

/** Looks containers up. */
export interface OwnContainers {
  /**
   * @param id or its beginning, or a name
   * @throws DockerError `container_missing`, `not_ours`
   */
  find(id: string): Promise<OwnContainer>;
  /** @throws DockerError `not_running`, and as `find` */
  findRunning(id: string): Promise<OwnContainer>;
  /** In the order in which they were made. `all`: also those that do not run. */
  list(all: boolean): Promise<OwnContainer[]>;
  /** Those of the engine's machine that are promised to containers, also to some that do not run. */
  ports(): Promise<ReadonlySet<number>>;
}

export function createOwnContainers(
  engine: Engine,
  { owner, reach }: Pick<Settings, "owner" | "reach">,
): OwnContainers {
  function inspect(id: string): Promise<ContainerAnswer> {
    return engine.ask(validateContainer, (docker) => docker.getContainer(id).inspect(), {
      404: () => new DockerError("container_missing", `there is no container ${id}: see npm run docker -- ps --all`),
    });
  }

  async function find(id: string): Promise<OwnContainer> {
    const container = own(await inspect(id));
    if (container !== undefined) return container;
    throw new DockerError(
      "not_ours",
      `container ${id} is not touched: it was not made here (expected the label of the owner ${owner}); use docker itself`,
    );
  }

  async function list(all: boolean): Promise<OwnContainer[]> {
    const listed = await engine.ask(validateContainers, (docker) =>
      docker.listContainers({ all, filters: ownedBy(owner) }),
    );
    // One that goes in this moment is not in the list any more.
    const answers = await Promise.all(listed.map(({ Id }) => inspect(Id).catch(unless("container_missing"))));
    return answers
      .flatMap((answer) => (answer === undefined ? [] : (own(answer) ?? [])))
      .sort((a, b) => Date.parse(a.info.createdAt) - Date.parse(b.info.createdAt));
  }

  function own(answer: ContainerAnswer): OwnContainer | undefined {
    const facts = readLabels(owner, answer.Config.Labels ?? {});
    if (facts === undefined) return undefined;
    const info: ContainerInfo = {
      id: answer.Id,
      name: answer.Name.replace(/^\//, ""),
      ...facts,
      status: answer.State.Status,
      endpoint: reach === "host" ? `tcp://127.0.0.1:${facts.port}` : onNetwork(answer.Id, facts),
      createdAt: answer.Created,
    };
    return { info, answer };
  }

  return {
    find,
    list,
    async findRunning(id) {
      const container = await find(id);
      if (container.answer.State.Running) return container;
      const { name, status } = container.info;
      throw new DockerError("not_running", `container ${name} must run for that; it is ${status}: start it first`);
    },
    ports: async () => new Set((await list(true)).map(({ info }) => info.port)),
  };
}

/** On a network of its own making the engine knows each container by the beginning of its id. */
function onNetwork(id: string, { framework }: ContainerFacts): string {
  return `tcp://${id.slice(0, 12)}:${frameworkNamed(framework).port}`;
}
