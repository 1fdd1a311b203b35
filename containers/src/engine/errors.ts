/** What can go wrong between us and the Docker Engine: for people a sentence that says what to do, for programs a code. */
import { messageOf } from "@physical-ai/service/errors";

/** What a caller may branch on. */
export type DockerErrorCode =
  /** No engine answers, or this user may not ask it. */
  | "engine_unreachable"
  /** The engine's disk has no room left. */
  | "disk_full"
  /** Nobody has built or pulled the image. */
  | "image_missing"
  /** A container uses the image. */
  | "image_in_use"
  | "build_failed"
  /** A registry does not answer, does not know the image, or does not know us. */
  | "registry_failed"
  | "unknown_framework"
  | "container_missing"
  /** It belongs to somebody else: it lacks the label of this manager. */
  | "not_ours"
  | "not_running"
  | "name_in_use"
  | "port_taken"
  /** A network that the container was made for is gone. */
  | "network_missing"
  | "gpu_unavailable"
  /** The framework's process ended, or did not listen in time. */
  | "process_failed"
  /** An option that no engine needs to see to know that it is wrong. */
  | "invalid_option"
  /** It already is as it was asked to be. */
  | "unchanged"
  /** Anything else that the engine says no to, in its own words. */
  | "refused";

/** Something that the engine did not do, and what to do about it. */
export class DockerError extends Error {
  override readonly name = "DockerError";
  readonly code: DockerErrorCode;

  constructor(code: DockerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** For `catch`: swallows the errors with this code, and no others. */
export function unless(code: DockerErrorCode): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof DockerError && error.code === code) return undefined;
    throw error;
  };
}

/** What an HTTP status means where the caller knows more about it than the engine's words. */
export type Refusals = Partial<Record<number, (detail: string) => DockerError>>;

/** An error of a request, as a `DockerError`. */
export function translate(error: unknown, refusals: Refusals = {}): DockerError {
  if (error instanceof DockerError) return error;
  const message = messageOf(error);
  if (isFailedConnection(message)) return new DockerError("engine_unreachable", unreachable(message), { cause: error });
  const status = statusOf(error);
  const detail = message.replace(/^\(HTTP code \d+\) [^-]*- /, "").trim();
  return refusals[status]?.(detail) ?? explain(detail, status === 304 ? "unchanged" : "refused", error);
}

/** An error in the engine's words, with what is known about it; `otherwise` is the code where nothing is. */
export function explain(detail: string, otherwise: DockerErrorCode, cause?: unknown): DockerError {
  const known = knownReasons.find(({ words }) => words.test(detail));
  if (known === undefined) return new DockerError(otherwise, `the Docker Engine says: ${detail}`, { cause });
  return new DockerError(known.code, `${known.advice} (the Docker Engine says: ${detail})`, { cause });
}

const knownReasons: readonly { words: RegExp; code: DockerErrorCode; advice: string }[] = [
  {
    words: /no space left on device/i,
    code: "disk_full",
    advice:
      "the engine's disk is full: `docker system df` shows by what, `npm run docker -- rmi <framework>` removes an image",
  },
  {
    words: /port is already allocated|address already in use/i,
    code: "port_taken",
    advice: "the port is taken on the engine's machine",
  },
  {
    words: /^network \S+ not found/i,
    code: "network_missing",
    advice: "a network that the container was made for is gone: remove the container, and it is made anew",
  },
  {
    words: /could not select device driver|nvidia-container-cli/i,
    code: "gpu_unavailable",
    advice:
      "the engine cannot hand out GPUs: install the NVIDIA Container Toolkit on its machine, or ask for none (--gpus none)",
  },
  {
    words: /does not exist locally/i,
    code: "image_missing",
    advice: "the engine has no such image: build it with npm run docker -- build <framework>",
  },
];

/** These come from the socket, before any engine has answered. */
function isFailedConnection(message: string): boolean {
  return /^(connect|getaddrinfo|read|write) |^socket hang up$|^aborted$/.test(message);
}

function unreachable(message: string): string {
  if (/EACCES|EPERM/.test(message)) {
    return (
      `this user may not open the Docker Engine's socket (${message}): add it to the group docker ` +
      "(sudo usermod -aG docker $USER, then log in again), or set DOCKER_HOST to an engine that it may use"
    );
  }
  return `no Docker Engine answers (${message}): start it (sudo systemctl start docker), or set DOCKER_HOST to where one runs`;
}

function statusOf(error: unknown): number {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 0;
}
