/** The connection to the Docker Engine. All of its errors are of the type `DockerError`. */
import type { Validate } from "@physical-ai/unity-protocol";
import type Docker from "dockerode";
import { DockerError, type Refusals, translate } from "./errors.ts";

/** What the rest of this folder knows of the engine. */
export interface Engine {
  /** Sends a request whose answer does not matter. */
  tell(request: Request<unknown>, refusals?: Refusals): Promise<void>;
  /** Sends a request, and checks that the answer has what we rely on. */
  ask<T>(validate: Validate<T>, request: Request<unknown>, refusals?: Refusals): Promise<T>;
  /** Sends a request whose answer comes bit by bit. Leaving the loop closes the connection. */
  stream(request: Request<NodeJS.ReadableStream>, refusals?: Refusals): AsyncGenerator<Uint8Array, void>;
}

type Request<T> = (docker: Docker) => Promise<T>;

/** @param docker knows where the engine is */
export function createEngine(docker: Docker): Engine {
  async function send<T>(request: Request<T>, refusals?: Refusals): Promise<T> {
    try {
      return await request(docker);
    } catch (error) {
      throw translate(error, refusals);
    }
  }

  return {
    async tell(request, refusals) {
      await send(request, refusals);
    },
    async ask(validate, request, refusals) {
      return understood(validate, await send(request, refusals));
    },
    async *stream(request, refusals) {
      const source = await send(request, refusals);
      try {
        for await (const chunk of source) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      } catch (error) {
        throw translate(error);
      }
    },
  };
}

/** What came from the engine, when it is of the shape that we rely on. */
export function understood<T>(validate: Validate<T>, answer: unknown): T {
  const validation = validate(answer);
  if (validation.ok) return validation.value;
  throw new DockerError("refused", `the Docker Engine's answer is not what was expected: ${validation.problem}`);
}
