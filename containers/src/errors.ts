/** What can go wrong between the Docker Manager and its engine: for people a sentence, for programs a code. */

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
