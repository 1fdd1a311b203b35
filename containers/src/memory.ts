/** Amounts of memory, as people write them for Docker. */
import { parseMemory as parseAmount } from "@physical-ai/policy";
import { messageOf } from "@physical-ai/service/errors";
import { DockerError } from "./errors.ts";

/**
 * Bytes of an amount such as 512m or 2g.
 *
 * @throws DockerError `invalid_option`
 */
export function parseMemory(text: string): number {
  try {
    return parseAmount(text);
  } catch (error) {
    throw new DockerError("invalid_option", messageOf(error));
  }
}
