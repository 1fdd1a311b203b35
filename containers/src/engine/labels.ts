/** The labels on everything that a manager makes: by them it finds its own again, and tells it from other people's. */

/** On containers and networks. */
const ownerLabel = "physical_ai.owner";
const frameworkLabel = "physical_ai.framework";
const imageLabel = "physical_ai.image";
const portLabel = "physical_ai.port";
const userLabel = "physical_ai.used_by";
/** Containers inherit the labels of their image, whoever runs them: an image must not make them ours. */
const builtByLabel = "physical_ai.built_by";

type Labels = Readonly<Record<string, string>>;

export function imageLabels(owner: string): Labels {
  return { [builtByLabel]: owner };
}

export function networkLabels(owner: string): Labels {
  return { [ownerLabel]: owner };
}

/** What the labels of a container say. */
export interface ContainerFacts {
  readonly framework: string;
  /** Its name, which by now may mean a newer image. */
  readonly image: string;
  /** On the engine's machine. */
  readonly port: number;
  /** Who made it for a use of its own, such as a policy of a worker; missing where people made it. */
  readonly usedBy?: string | undefined;
}

export function containerLabels(owner: string, { framework, image, port, usedBy }: ContainerFacts): Labels {
  const use = usedBy === undefined ? {} : { [userLabel]: usedBy };
  return { [ownerLabel]: owner, [frameworkLabel]: framework, [imageLabel]: image, ...portLabels(port), ...use };
}

/** The part of a container's labels that its port is. */
export function portLabels(port: number): Labels {
  return { [portLabel]: String(port) };
}

/** As the engine's lists take it. */
export function ownedBy(owner: string): { label: string[] } {
  return { label: [`${ownerLabel}=${owner}`] };
}

export function isOwnedBy(owner: string, labels: Labels): boolean {
  return labels[ownerLabel] === owner;
}

/** What the labels of a container say; `undefined` where they are not the owner's. */
export function readLabels(owner: string, labels: Labels): ContainerFacts | undefined {
  const { [frameworkLabel]: framework, [imageLabel]: image } = labels;
  const port = Number(labels[portLabel]);
  if (!isOwnedBy(owner, labels) || framework === undefined || image === undefined || !(port > 0)) return undefined;
  return { framework, image, port, usedBy: labels[userLabel] };
}
