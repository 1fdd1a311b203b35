/** The policy frameworks that run in containers. */
import { frameworkNames } from "@physical-ai/policy";
import { DockerError } from "./engine/errors.ts";

/** What is particular to a framework; everything else follows from its name. */
export interface Framework {
  readonly name: (typeof frameworkNames)[number];
  /** Where it listens inside its container, and the first port to try outside. */
  readonly port: number;
  /** How long it may take until its model is loaded, a download included. */
  readonly startPatienceSeconds: number;
  /** `/dev/shm`: PyTorch's data loaders hand tensors over in it, and die in the engine's 64 MB. */
  readonly sharedMemoryBytes: number;
}

/** What a framework is started for. */
export interface FrameworkStart {
  readonly mode: "inference" | "training";
  /** As the container sees it, or as the framework can find it; the framework's own choice when missing. */
  readonly modelPath?: string;
  /** Inside the container; the framework's own when missing. */
  readonly port?: number;
  /** What else the framework wants to know. */
  readonly options?: Readonly<Record<string, string>>;
  /** Seconds until it must be ready; as long as its framework may take when missing. */
  readonly timeout?: number;
}

const gibibyte = 2 ** 30;

/** All that are known. */
export const frameworks: readonly Framework[] = [
  { name: "lerobot", port: 5555, startPatienceSeconds: 300, sharedMemoryBytes: 2 * gibibyte },
  { name: "groot_n15", port: 5556, startPatienceSeconds: 600, sharedMemoryBytes: 8 * gibibyte },
  { name: "pi0", port: 5557, startPatienceSeconds: 600, sharedMemoryBytes: 8 * gibibyte },
  { name: "isaac_sim", port: 5558, startPatienceSeconds: 900, sharedMemoryBytes: 8 * gibibyte },
  { name: "isaac_lab", port: 5559, startPatienceSeconds: 900, sharedMemoryBytes: 8 * gibibyte },
  // Needs no GPU and no model: for tests, and to try a robot's wiring.
  { name: "reference", port: 5555, startPatienceSeconds: 60, sharedMemoryBytes: gibibyte / 4 },
];

/** @throws DockerError `unknown_framework` */
export function frameworkNamed(name: string): Framework {
  const framework = frameworks.find((known) => known.name === name);
  if (framework !== undefined) return framework;
  throw new DockerError("unknown_framework", `expected a framework: ${frameworkNames.join(", ")}; got ${name}`);
}

/** What runs inside the container. */
export function startCommand(
  { name, port }: Framework,
  { mode, modelPath, port: at = port, options = {} }: FrameworkStart,
): readonly string[] {
  return [
    ...["python", "-m", "physical_ai_zmq", name, "--mode", mode, "--port", String(at)],
    ...(modelPath === undefined ? [] : ["--model-path", modelPath]),
    ...Object.entries(options).flatMap(([option, value]) => ["--set", `${option}=${value}`]),
  ];
}

/** Ends with code 0 inside the container when the process that listens at the port is ready. No word has spaces. */
export function healthCommand(port: number): readonly string[] {
  return ["python", "-m", "physical_ai_zmq.health", "--port", String(port)];
}
