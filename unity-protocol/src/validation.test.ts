import fc from "fast-check";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { compileDiscriminated, compileValidator, preview } from "./validation.ts";

const validate = compileValidator(
  "a reading",
  Type.Object({
    id: Type.String({ minLength: 1 }),
    mode: Type.Optional(Type.Enum(["fast", "slow"])),
    samples: Type.Optional(Type.Array(Type.Object({ "a/b": Type.Number({ minimum: 0 }) }))),
    target: Type.Optional(Type.Union([Type.Null(), Type.Object({ at: Type.Object({ x: Type.Number() }) })])),
  }),
);

describe("compileValidator", () => {
  it("hands on a value that fits, with fields that it does not know", () => {
    const value = { id: "a", unknown: true };
    expect(validate(value)).toEqual({ ok: true, value });
  });

  it.each([
    [undefined, "a reading: it must be object; got nothing"],
    [null, "a reading: it must be object; got null"],
    [{}, "a reading: it must have required properties id; got an empty object"],
    [{ id: 7 }, "a reading: id must be string; got 7"],
    [{ id: "a", mode: "medium" }, 'a reading: mode must be one of "fast", "slow"; got "medium"'],
    [{ id: "a", samples: [{ "a/b": 1 }, { "a/b": -1 }] }, "a reading: samples.1.a/b must be >= 0; got -1"],
    [{ id: "a", target: { at: { x: "left" } } }, 'a reading: target.at.x must be number; got "left"'],
  ])("says what is wrong with %j", (value, problem) => {
    expect(validate(value)).toEqual({ ok: false, problem });
  });

  it("does not take bytes for an object of any keys", () => {
    const command = compileValidator(
      "a command",
      Type.Object({
        params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        inner: Type.Optional(Type.Object({ of: Type.Union([Type.Null(), Type.Record(Type.String(), Type.Number())]) })),
      }),
    );
    const bytes = new Uint8Array(10);
    expect(command({ params: { picture: bytes }, inner: { of: { a: 1 } } }).ok).toBe(true);
    expect(command({ params: bytes })).toEqual({
      ok: false,
      problem: "a command: params must be object; got 10 bytes",
    });
    expect(command({ inner: { of: bytes } })).toEqual({
      ok: false,
      problem: "a command: inner.of must be object; got 10 bytes",
    });
  });

  it("tells the first mistake of a million, without looking for all of them", () => {
    const numbers = compileValidator("numbers", Type.Object({ list: Type.Array(Type.Number(), { maxItems: 10 }) }));
    const list = Array(1_000_000).fill("one");
    expect(numbers({ list })).toEqual({ ok: false, problem: 'numbers: list.0 must be number; got "one"' });
  });

  it("does not take a property for missing that comes after many others", () => {
    const others = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`key ${index}`, 0]));
    expect(validate({ ...others, id: 7 })).toEqual({ ok: false, problem: "a reading: id must be string; got 7" });
  });

  it("keeps its sentence short, however long the keys are", () => {
    const byName = compileValidator("scores", Type.Record(Type.String(), Type.Number()));
    const validation = byName({ ["k".repeat(1_000_000)]: "high" });
    expect(validation).toEqual({
      ok: false,
      problem: expect.stringMatching(/^scores: k+… must be number; got "high"$/),
    });
  });
});

describe("compileDiscriminated", () => {
  const validateShape = compileDiscriminated("a shape", "kind", {
    circle: Type.Object({ kind: Type.Literal("circle"), radius: Type.Number() }),
    square: Type.Object({ kind: Type.Literal("square"), side: Type.Number() }),
  });

  it("hands on a value of each member", () => {
    expect(validateShape({ kind: "circle", radius: 1 }).ok).toBe(true);
    expect(validateShape({ kind: "square", side: 1 }).ok).toBe(true);
  });

  it.each([
    [{ kind: "square", radius: 1 }, "a shape (kind square): it must have required properties side"],
    [{ kind: "star" }, 'a shape: kind must be one of "circle", "square"; got "star"'],
    [{ kind: 1 }, 'a shape: kind must be one of "circle", "square"; got 1'],
    [{ kind: "toString" }, 'a shape: kind must be one of "circle", "square"; got "toString"'],
    [{}, 'a shape: kind must be one of "circle", "square"; got nothing'],
    [null, 'a shape: kind must be one of "circle", "square"; got nothing'],
  ])("speaks of the member that %j was meant to be", (value, problem) => {
    expect(validateShape(value)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });
});

describe("preview", () => {
  it.each([
    ["text", '"text"'],
    [undefined, "nothing"],
    [[1, 2], "an array of 2"],
    [{ a: 1, b: 2 }, "an object with a, b"],
    [new Uint8Array(3), "3 bytes"],
  ])("of %j", (value, picture) => {
    expect(preview(value)).toBe(picture);
  });

  it("never throws, and is never long", () => {
    const values = fc.anything({ key: fc.string({ maxLength: 200 }), maxKeys: 10, withNullPrototype: true });
    fc.assert(fc.property(values, (value) => preview(value).length < 500));
    expect(preview({ ["k".repeat(1_000_000)]: 1 }).length).toBeLessThan(500);
    expect(preview("t".repeat(1_000_000)).length).toBeLessThan(500);
  });
});
