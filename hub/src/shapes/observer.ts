/** One hub's eye on the payloads of one robot type and data type. */
import type { PayloadShape } from "@physical-ai/db";
import { parseFeature, written } from "./features.ts";
import { goneAfterMs, knownAs, maxFeatures, type Observation, withoutMark } from "./revise.ts";

/** Looks at payloads, and says what it saw. */
export interface Observer {
  /** `at`: epoch milliseconds. Returns whether it saw something that is not known. */
  look(features: ReadonlySet<string>, at: number): boolean;
  /** How often it has looked. */
  readonly looks: number;
  /** What it saw since it was last asked, and what it has missed for long. */
  observation(at: number): Observation;
  /** What is known now; the rest is forgotten. */
  adopt(shape: PayloadShape): void;
}

interface Memory {
  lastLook: number;
  lastAt: number;
  /** The most looks that went by without it, and then it came. */
  longestGap: number;
}

/** A field that comes and goes is missed only after many times its longest absence so far. */
const patience = { looks: 30, longestGaps: 8 };

/** Makes an observer that knows nothing. */
export function createObserver(): Observer {
  const memories = new Map<string, Memory>();
  let shape: PayloadShape | undefined;
  /** Of a shape that is full nothing more is learnt. */
  let full = false;
  let seen = new Map<string, number>();
  let looks = 0;

  function see(feature: string, at: number): void {
    const memory = memories.get(feature);
    if (memory !== undefined) {
      memory.longestGap = Math.max(memory.longestGap, looks - memory.lastLook - 1);
      memory.lastLook = looks;
      memory.lastAt = at;
    } else if (memories.size < maxFeatures) {
      memories.set(feature, { lastLook: looks, lastAt: at, longestGap: 0 });
    }
    if (seen.size < maxFeatures) seen.set(feature, at);
  }

  function isMissing({ lastLook, lastAt, longestGap }: Memory, at: number): boolean {
    const patient = Math.max(patience.looks, patience.longestGaps * longestGap);
    return looks - lastLook > patient && at - lastAt > goneAfterMs;
  }

  return {
    look(features, at) {
      looks++;
      let news = false;
      for (const feature of features) {
        const known = shape && knownAs(shape, feature);
        news ||= known === undefined && !full;
        see(
          known === undefined ? feature : written({ path: parseFeature(feature).path, type: withoutMark(known) }),
          at,
        );
      }
      return news;
    },
    get looks() {
      return looks;
    },
    observation(at) {
      const missing = new Set<string>();
      for (const [feature, memory] of memories) if (isMissing(memory, at)) missing.add(feature);
      const observation = { at, seen, missing };
      seen = new Map();
      return observation;
    },
    adopt(adopted) {
      shape = adopted;
      full = Object.keys(adopted.sightings).length >= maxFeatures;
      const present = new Set<string>();
      for (const [path, types] of Object.entries(adopted.schema)) {
        for (const type of types) present.add(written({ path, type: withoutMark(type) }));
      }
      for (const feature of memories.keys()) if (!present.has(feature)) memories.delete(feature);
      for (const feature of present) {
        if (!memories.has(feature)) {
          memories.set(feature, { lastLook: looks, lastAt: adopted.sightings[feature] ?? 0, longestGap: 0 });
        }
      }
    },
  };
}
