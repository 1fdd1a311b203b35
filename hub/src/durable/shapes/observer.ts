/** One hub's eye on the payloads of one robot type and data type. */
import type { PayloadShape } from "@physical-ai/db";
import { goneAfterMs, knownAs, maxFields, type Observation, withoutMark } from "./revise.ts";
import { parseTypedField, written } from "./typed-fields.ts";

interface Memory {
  lastLook: number;
  lastAt: number;
  /** The most looks that went by without it, and then it came. */
  longestGap: number;
}

/** A field that comes and goes is missed only after many times its longest absence so far. */
const patience = { looks: 30, longestGaps: 8 };

/** Looks at payloads, and says what it saw. */
export class Observer {
  readonly #memories = new Map<string, Memory>();
  #shape: PayloadShape | undefined;
  /** Of a shape that is full nothing more is learnt. */
  #full = false;
  #seen = new Map<string, number>();
  #looks = 0;

  /** How often it has looked. */
  get looks(): number {
    return this.#looks;
  }

  /** `at`: epoch milliseconds. Returns whether it saw something that is not known. */
  look(fields: ReadonlySet<string>, at: number): boolean {
    this.#looks++;
    let news = false;
    for (const field of fields) {
      const known = this.#shape && knownAs(this.#shape, field);
      news ||= known === undefined && !this.#full;
      this.#see(
        known === undefined ? field : written({ path: parseTypedField(field).path, type: withoutMark(known) }),
        at,
      );
    }
    return news;
  }

  /** What it saw since it was last asked, and what it has missed for long. */
  observation(at: number): Observation {
    const missing = new Set<string>();
    for (const [field, memory] of this.#memories) if (this.#isMissing(memory, at)) missing.add(field);
    const observation = { at, seen: this.#seen, missing };
    this.#seen = new Map();
    return observation;
  }

  /** What is known now; the rest is forgotten. */
  adopt(shape: PayloadShape): void {
    this.#shape = shape;
    this.#full = Object.keys(shape.sightings).length >= maxFields;
    const present = new Set<string>();
    for (const [path, types] of Object.entries(shape.schema)) {
      for (const type of types) present.add(written({ path, type: withoutMark(type) }));
    }
    for (const field of this.#memories.keys()) if (!present.has(field)) this.#memories.delete(field);
    for (const field of present) {
      if (this.#memories.has(field)) continue;
      this.#memories.set(field, { lastLook: this.#looks, lastAt: shape.sightings[field] ?? 0, longestGap: 0 });
    }
  }

  #see(field: string, at: number): void {
    const memory = this.#memories.get(field);
    if (memory !== undefined) {
      memory.longestGap = Math.max(memory.longestGap, this.#looks - memory.lastLook - 1);
      memory.lastLook = this.#looks;
      memory.lastAt = at;
    } else if (this.#memories.size < maxFields) {
      this.#memories.set(field, { lastLook: this.#looks, lastAt: at, longestGap: 0 });
    }
    if (this.#seen.size < maxFields) this.#seen.set(field, at);
  }

  #isMissing({ lastLook, lastAt, longestGap }: Memory, at: number): boolean {
    const patient = Math.max(patience.looks, patience.longestGaps * longestGap);
    return this.#looks - lastLook > patient && at - lastAt > goneAfterMs;
  }
}
