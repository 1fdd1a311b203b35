/** Brain workers that turn commands into the bytes that their robots understand. */
import { chooseByRendezvous } from "../live/workers/rendezvous.ts";
import type { Encoder } from "./links.ts";

/** Holds connections, and closes none: whoever adds one takes it out when it ends. */
export interface Encoders {
  /** Adds one. The function that comes back takes it out again. */
  add(encoder: Encoder): () => void;
  /**
   * Who makes the bytes of a robot's commands, if anybody does: always the same one while none comes or goes.
   *
   * @param takesCommands false for relays of before, which take nothing but bytes
   */
  find(robotId: string, robotType: string | undefined, takesCommands: boolean): Encoder | undefined;
}

/** Makes an empty register. */
export function createEncoders(): Encoders {
  const encoders = new Set<Encoder>();
  return {
    add(encoder) {
      encoders.add(encoder);
      return () => void encoders.delete(encoder);
    },
    find(robotId, robotType, takesCommands) {
      if (robotType === undefined) return undefined;
      const able = [...encoders].filter(
        ({ robotTypes, legacy }) => robotTypes.includes(robotType) && !(legacy && takesCommands),
      );
      const willing = able.filter(({ legacy }) => !legacy);
      return chooseByRendezvous(robotId, willing.length > 0 ? willing : able, ({ workerId }) => workerId);
    },
  };
}
