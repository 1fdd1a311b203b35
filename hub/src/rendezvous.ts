/** Rendezvous hashing: every hub chooses the same worker for a robot, and a worker that goes moves only its own robots. */
import { compositeKey } from "./packet.ts";

/**
 * Chooses one of the candidates for a key.
 *
 * @returns `undefined` when there are none
 */
export function chooseByRendezvous<T>(
  key: string,
  candidates: readonly T[],
  idOf: (candidate: T) => string,
): T | undefined {
  let chosen: T | undefined;
  let highest = -1;
  for (const candidate of candidates) {
    const weight = hash(compositeKey(key, idOf(candidate)));
    if (weight > highest) {
      highest = weight;
      chosen = candidate;
    }
  }
  return chosen;
}

/** FNV-1a with a final mix, 32 bits: ids that differ in their last letter must not win together. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
