import type { PayloadShape } from "@physical-ai/db";
import { describe, expect, it } from "vitest";
import { goneAfterMs, maxFields, revise } from "./revise.ts";
import { typedFieldsOf } from "./typed-fields.ts";

/** Follows payloads from shape to shape; each comes a second after the one before. */
function follow(...vals: unknown[]) {
  let known: PayloadShape | undefined;
  let at = 0;
  const changes: string[][] = [];
  for (const val of vals) {
    at += 1_000;
    const revision = revise(known, {
      at,
      seen: new Map([...typedFieldsOf(val)].map((field) => [field, at])),
      missing: new Set(),
    });
    known = revision.shape;
    changes.push(revision.changes);
  }
  return { known, at, changes, last: changes.at(-1) };
}

/** What is missed by a hub after so many milliseconds. */
function miss(known: PayloadShape | undefined, at: number, ...missing: string[]) {
  return revise(known, { at, seen: new Map(), missing: new Set(missing) });
}

describe("a shape", () => {
  it("is learnt from the first payload, without a word", () => {
    const { known, changes } = follow({ acc: [1, 2, 3], ok: true });
    expect(known?.schema).toEqual({ "value.acc": ["number[3]"], "value.ok": ["boolean"] });
    expect(changes).toEqual([[]]);
  });

  it("stays while payloads look alike", () => {
    expect(follow({ x: 1 }, { x: 2.5 }, { x: null }, {}, { x: 3 }).changes.flat()).toEqual([]);
  });

  it.each<[string, unknown, unknown, string]>([
    ["a new field", { x: 1 }, { x: 1, y: 2 }, "value.y (number) is new"],
    ["a new type", { x: 1 }, { x: "1" }, "value.x comes as string now; so far it was number"],
    ["a scalar that became an object", 1, { x: 1 }, "value.x (number) is new"],
    ["another length", { r: [1, 2] }, { r: [1, 2, 3] }, "value.r comes as number[3] now; so far it was number[2]"],
    [
      "another kind of picture",
      Buffer.from("ffd8", "hex"),
      Buffer.from("89504e47", "hex"),
      "value comes as blob png now; so far it was blob jpeg",
    ],
  ])("notices %s, once", (_what, before, after, sentence) => {
    expect(follow(before, after, after, before, after).changes).toEqual([[], [sentence], [], [], []]);
  });

  it("takes a list that came in two lengths for one of any length", () => {
    const { known, changes } = follow({ r: [1, 2] }, { r: [1] }, { r: [1, 2, 3, 4] });
    expect(known?.schema).toEqual({ "value.r": ["number[]"] });
    expect(changes.flat()).toHaveLength(1);
  });

  it("notices that a field is gone when no hub has seen it for a while", () => {
    const { known, at } = follow({ x: 1, y: 2 });
    expect(miss(known, at + goneAfterMs - 1, "value.y: number").changes).toEqual([]);
    const gone = miss(known, at + goneAfterMs, "value.y: number");
    expect(gone.changes).toEqual(["value.y (number) is gone"]);
    expect(gone.shape.schema).toEqual({ "value.x": ["number"] });
    expect(miss(gone.shape, at + 2 * goneAfterMs, "value.y: number").changes).toEqual([]);
  });

  it("notices that a type is gone", () => {
    const { known, at } = follow({ x: 1 }, { x: "1" });
    expect(miss(known, at + goneAfterMs, "value.x: number").changes).toEqual([
      "value.x does not come as number any more",
    ]);
  });

  it("speaks three times at most of a field that comes and goes", () => {
    const first = follow({ x: 1, y: 2 });
    const gone = miss(first.known, first.at + goneAfterMs, "value.y: number");
    const at = first.at + 2 * goneAfterMs;
    const back = revise(gone.shape, { at, seen: new Map([["value.y: number", at]]), missing: new Set() });
    expect(back.changes).toEqual(["value.y (number) is back: it counts as optional from now on"]);
    expect(back.shape.schema).toEqual({ "value.x": ["number"], "value.y": ["number?"] });
    expect(miss(back.shape, at + 5 * goneAfterMs, "value.y: number").changes).toEqual([]);
  });

  it("has a bound, however many names payloads bring", () => {
    const vals = Array.from({ length: 50 }, (_, index) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`${index}_${key}`, 1])),
    );
    const { known } = follow(...vals);
    expect(Object.keys(known?.schema ?? {})).toHaveLength(maxFields);
    expect(Object.keys(known?.sightings ?? {})).toHaveLength(maxFields);
  });
});
