/** One hub's eye on the payloads of one robot type and data type. */
import type { PayloadShape } from "@physical-ai/db";
import { goneAfterMs, knownAs, maxFields, type Observation, withoutMark } from "./revise.ts";
import { parseTypedField, written } from "./typed-fields.ts";

/** Looks at payloads, and says what it saw. */
export interface Observer {
  /** `at`: epoch milliseconds. Returns whether it saw something that is not known. */
  look(fields: ReadonlySet<string>, at: number): boolean;
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

  function see(field: string, at: number): void {
    const memory = memories.get(field);
    if (memory !== undefined) {
      memory.longestGap = Math.max(memory.longestGap, looks - memory.lastLook - 1);
      memory.lastLook = looks;
      memory.lastAt = at;
    } else if (memories.size < maxFields) {
      memories.set(field, { lastLook: looks, lastAt: at, longestGap: 0 });
    }
    if (seen.size < maxFields) seen.set(field, at);
  }

  function isMissing({ lastLook, lastAt, longestGap }: Memory, at: number): boolean {
    const patient = Math.max(patience.looks, patience.longestGaps * longestGap);
    return looks - lastLook > patient && at - lastAt > goneAfterMs;
  }

  return {
    look(fields, at) {
      looks++;
      let news = false;
      for (const field of fields) {
        const known = shape && knownAs(shape, field);
        news ||= known === undefined && !full;
        see(known === undefined ? field : written({ path: parseTypedField(field).path, type: withoutMark(known) }), at);
      }
      return news;
    },
    get looks() {
      return looks;
    },
    observation(at) {
      const missing = new Set<string>();
      for (const [field, memory] of memories) if (isMissing(memory, at)) missing.add(field);
      const observation = { at, seen, missing };
      seen = new Map();
      return observation;
    },
    adopt(adopted) {
      shape = adopted;
      full = Object.keys(adopted.sightings).length >= maxFields;
      const present = new Set<string>();
      for (const [path, types] of Object.entries(adopted.schema)) {
        for (const type of types) present.add(written({ path, type: withoutMark(type) }));
      }
      for (const field of memories.keys()) if (!present.has(field)) memories.delete(field);
      for (const field of present) {
        if (!memories.has(field)) {
          memories.set(field, { lastLook: looks, lastAt: adopted.sightings[field] ?? 0, longestGap: 0 });
        }
      }
    },
  };
}
