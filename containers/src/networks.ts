/** The network on which containers meet, and how one of them reaches another. */

import { sharedDataFolder } from "./container-spec.ts";
import { type NetworkAnswer, validateNetworks } from "./engine/answers.ts";
import type { Engine } from "./engine/engine.ts";
import { DockerError, unless } from "./engine/errors.ts";
import { isOwnedBy, networkLabels } from "./engine/labels.ts";
import { frameworkNamed } from "./frameworks.ts";
import type { OwnContainer, OwnContainers } from "./own-containers.ts";
import type { Settings } from "./settings.ts";

type Protocol = "zmq" | "shared_volume";

/** Where the source finds the target. */
interface Communication {
  readonly protocol: Protocol;
  /** `zmq`: `tcp://<ip>:<port>`, until the target restarts. `shared_volume`: the folder that both see. */
  readonly endpoint: string;
}

/** The calls about networks. */
export interface Networks {
  /** Makes the manager's network unless it is there. */
  ensureNetwork(): Promise<void>;
  /** Removes the manager's network, if it made it and nobody is on it. */
  removeNetwork(): Promise<void>;
  /** Puts containers on a network, the manager's when missing; those that are on it already stay. */
  connectContainers(ids: readonly string[], network?: string): Promise<void>;
  /** On the manager's network, where the container is on it. @throws DockerError `not_running` */
  getContainerIp(id: string): Promise<string>;
  /** Makes sure that both can reach each other, and says where. @throws DockerError `not_running` */
  setupCommunication(source: string, target: string, protocol: Protocol): Promise<Communication>;
}

export function createNetworks(engine: Engine, ownContainers: OwnContainers, settings: Settings): Networks {
  const { networkName, owner } = settings;

  /** Oldest first: engines before version 25 let several of one name be made at once. */
  async function named(): Promise<NetworkAnswer[]> {
    const filters = { name: [networkName] };
    const similar = await engine.ask(validateNetworks, (docker) => docker.listNetworks({ filters }));
    return similar
      .filter(({ Name }) => Name === networkName)
      .sort((a, b) => Date.parse(a.Created) - Date.parse(b.Created));
  }

  async function ensureNetwork(): Promise<void> {
    const labels = { ...networkLabels(owner) };
    if ((await named()).length === 0) {
      await engine
        .tell((docker) => docker.createNetwork({ Name: networkName, Labels: labels }), { 409: asUnchanged })
        .catch(unless("unchanged"));
    }
    const [, ...others] = await named();
    await removeOwn(others);
  }

  async function removeOwn(networks: readonly NetworkAnswer[]): Promise<void> {
    for (const { Id } of networks.filter(({ Labels }) => isOwnedBy(owner, Labels ?? {}))) {
      // In use, or gone: somebody came, or was faster.
      const refusals = { 403: asUnchanged, 404: asUnchanged };
      await engine.tell((docker) => docker.getNetwork(Id).remove(), refusals).catch(unless("unchanged"));
    }
  }

  async function connect({ info, answer }: OwnContainer, network: string): Promise<void> {
    if (network in answer.NetworkSettings.Networks) return;
    await engine.tell((docker) => docker.getNetwork(network).connect({ Container: info.id }), {
      404: () =>
        new DockerError("refused", `expected a network that the engine has; got ${network}: docker network ls`),
    });
  }

  async function connectContainers(ids: readonly string[], network = networkName): Promise<void> {
    if (network === networkName) await ensureNetwork();
    for (const id of ids) await connect(await ownContainers.find(id), network);
  }

  async function ipOf(id: string): Promise<string> {
    const { info, answer } = await ownContainers.findRunning(id);
    const { [networkName]: ours, ...others } = answer.NetworkSettings.Networks;
    const address = [ours, ...Object.values(others)].find((network) => network?.IPAddress)?.IPAddress;
    if (address !== undefined) return address;
    throw new DockerError(
      "refused",
      `container ${info.name} is on no network with addresses: connect it to ${networkName}`,
    );
  }

  return {
    ensureNetwork,
    removeNetwork: async () => removeOwn(await named()),
    connectContainers,
    getContainerIp: ipOf,
    async setupCommunication(source, target, protocol) {
      const { info } = await ownContainers.findRunning(target);
      await ownContainers.findRunning(source);
      // Every container of ours has it from the beginning.
      if (protocol === "shared_volume") return { protocol, endpoint: sharedDataFolder };
      await connectContainers([source, target]);
      return { protocol, endpoint: `tcp://${await ipOf(target)}:${frameworkNamed(info.framework).port}` };
    },
  };
}

const asUnchanged = (detail: string) => new DockerError("unchanged", detail);
