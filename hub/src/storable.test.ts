import { createHash } from "node:crypto";
import { maxDepth } from "@physical-ai/unity-protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { problemWithFields, toStorable, toStorablePacket } from "./storable.ts";

const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("toStorable", () => {
  it.each([
    ["null", null],
    ["an emoji, a whole surrogate pair", "🤖"],
    ["a backslash before u0000", "\\u0000"],
    ["two backslashes before ud800", "\\\\ud800"],
    ["control characters other than NUL", "\u0001\u001f\t"],
    ["the deepest nesting", nested(maxDepth)],
    ["large and small numbers", [1.7976931348623157e308, 5e-324, 2 ** 53 + 2]],
    ["a key named like a prototype", JSON.parse('{"__proto__": {"x": 1}}')],
  ])("takes %s as it is", (_what, value) => {
    expect(toStorable(value)).toEqual({ ok: true, json: JSON.stringify(value), blobs: [] });
  });

  it("makes null of nothing", () => {
    expect(toStorable(undefined)).toEqual({ ok: true, json: "null", blobs: [] });
  });

  it.each([
    ["a NUL", "a\u0000b", "a NUL or half a surrogate pair"],
    ["a NUL after a backslash", "\\\u0000", "a NUL or half a surrogate pair"],
    ["a NUL in a key", { "\u0000": 1 }, "a NUL or half a surrogate pair"],
    ["a lone high surrogate", ["x", { y: "\ud83e" }], "a NUL or half a surrogate pair"],
    ["a lone low surrogate", "\udd16", "a NUL or half a surrogate pair"],
    ["what the parser of others takes for an attachment", { a: { _placeholder: true, num: 0 } }, "_placeholder"],
    ["more binary than a Socket.IO client takes", Array(11).fill(new Uint8Array(1)), "at most 10 binary values"],
    ["infinity", { speed: Number.POSITIVE_INFINITY }, "a number is too large for JSON"],
    ["nesting too deep", nested(maxDepth + 1), `nested deeper than ${maxDepth} levels`],
    ["nesting so deep that recursion would fail", nested(100_000), `nested deeper than ${maxDepth} levels`],
  ])("refuses %s", (_what, value, problem) => {
    expect(toStorable(value)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it("refuses exactly the texts that JSONB cannot hold", () => {
    const unit = fc.constantFrom("\\", "u0000", "ud800", "\u0000", "\ud800", "\udc00", "🤖", '"', "a");
    fc.assert(
      fc.property(
        fc.array(unit).map((units) => units.join("")),
        (text) => {
          expect(toStorable({ text }).ok).toBe(!/[\0\p{Surrogate}]/u.test(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("keeps every JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const storable = toStorable(value);
        if (storable.ok) expect(JSON.parse(storable.json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("takes binary out, and leaves its hash, size and encoding where it stood", () => {
    const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2]);
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d]);
    const raw = new Uint8Array();
    const storable = toStorable({ front: jpeg, others: [png, { deep: raw }], exposure: 0.5 });
    if (!storable.ok) throw new Error(storable.problem);
    expect(JSON.parse(storable.json)).toEqual({
      front: { $blob: sha256(jpeg), bytes: 6, encoding: "jpeg" },
      others: [
        { $blob: sha256(png), bytes: 5, encoding: "png" },
        { deep: { $blob: sha256(raw), bytes: 0, encoding: "raw" } },
      ],
      exposure: 0.5,
    });
    expect(storable.blobs.map((blob) => blob.bytes)).toEqual([jpeg, png, raw]);
  });

  it("takes a value that is nothing but binary", () => {
    const bytes = Buffer.from("frame");
    expect(toStorable(bytes)).toEqual({
      ok: true,
      json: JSON.stringify({ $blob: sha256(bytes), bytes: 5, encoding: "raw" }),
      blobs: [{ sha256: sha256(bytes), bytes }],
    });
  });
});

describe("problemWithFields", () => {
  const packet = { robot_id: "r", robot_type: "t", type: "d", val: nested(1_000) };

  it.each([
    ["no others", {}, 0],
    ["what is no problem", { firmware: "1.0", extra: [1, { a: nested(50) }] }, 0],
    ["as much binary as clients take", { extra: new Uint8Array(1) }, 9],
  ])("finds none in %s, and leaves `val` alone", (_what, fields, binaries) => {
    expect(problemWithFields({ ...packet, ...fields }, binaries)).toBeUndefined();
  });

  it.each([
    ["nesting too deep", { extra: nested(100_000) }, 0, "nested deeper"],
    ["too much binary together with `val`", { extra: new Uint8Array(1) }, 10, "binary values"],
    ["a placeholder", { extra: { _placeholder: true } }, 0, "_placeholder"],
  ])("finds %s", (_what, fields, binaries, problem) => {
    expect(problemWithFields({ ...packet, ...fields }, binaries)).toContain(problem);
  });
});

describe("toStorablePacket", () => {
  const packet = { robot_id: "r", robot_type: "EP01", type: "imu", val: { a: [1, "xy"], jpeg: new Uint8Array(100) } };

  it("measures the packet with all its fields on the way", () => {
    const storable = toStorablePacket({ ...packet, ...{ note: "hi" } });
    const texts = "robot_idr".length + "robot_typeEP01".length + "typeimu".length + "notehi".length;
    const val = "val".length + "a".length + "xy".length + "jpeg".length + 100;
    expect(storable).toMatchObject({ ok: true, bytes: texts + val + 9 * 16 });
    if (storable.ok) expect(JSON.parse(storable.json)).toMatchObject({ a: [1, "xy"], jpeg: { bytes: 100 } });
  });

  it("refuses what must not go on to others, in whichever field", () => {
    const note = { note: Number.POSITIVE_INFINITY };
    expect(toStorablePacket({ ...packet, ...note })).toEqual({ ok: false, problem: "a number is too large for JSON" });
    expect(toStorablePacket({ ...packet, val: note.note }).ok).toBe(false);
  });
});
