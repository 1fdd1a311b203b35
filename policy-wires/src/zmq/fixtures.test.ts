/** The TypeScript runner of the fixtures that both languages share. */
import { readdirSync, readFileSync } from "node:fs";
import { compileValidator, type Validate } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ZmqProtocolError } from "./errors.ts";
import { type Body, type Form, TensorDescription } from "./frames.ts";
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from "./messages.ts";
import { parsePointer, putAt } from "./pointer.ts";

const folder = new URL("../../fixtures/zmq/", import.meta.url);

const Kind = Type.Enum(["request", "answer"]);
const ValidFixture = Type.Object({
  says: Type.String(),
  kind: Kind,
  message: Type.Record(Type.String(), Type.Unknown()),
  tensors: Type.Array(Type.Object({ ...TensorDescription.properties, file: Type.String(), lists: Type.Unknown() })),
});
const InvalidFixture = Type.Object({
  says: Type.String(),
  kind: Kind,
  request_id: Type.String(),
  frames: Type.Array(
    Type.Object({
      json: Type.Optional(Type.Unknown()),
      text: Type.Optional(Type.String()),
      base64: Type.Optional(Type.String()),
    }),
  ),
});
type ValidFixture = Type.Static<typeof ValidFixture>;
type InvalidFixture = Type.Static<typeof InvalidFixture>;

const bodies: Record<ValidFixture["kind"], Body> = { request: "data", answer: "result" };
const decode = { request: decodeRequest, answer: decodeAnswer };

describe.each(read("valid", compileValidator("a fixture", ValidFixture)))("$name: $fixture.says", ({ fixture }) => {
  it("is read and written with frames for tensors", () => {
    expect(rewrite(fixture, multipart(fixture), "multipart")).toEqual(multipart(fixture));
  });

  it("is read with frames, and written as JSON", () => {
    expect(rewrite(fixture, multipart(fixture), "json")).toEqual([jsonForm(fixture)]);
  });

  it("is read and written as JSON", () => {
    expect(rewrite(fixture, [jsonForm(fixture)], "json")).toEqual([jsonForm(fixture)]);
  });
});

describe.each(read("invalid", compileValidator("a fixture", InvalidFixture)))("$name: $fixture.says", ({ fixture }) => {
  it("is refused", () => {
    const refusal = thrownBy(() => decode[fixture.kind](fixture.frames.map(bytesOf)));
    expect(refusal).toBeInstanceOf(ZmqProtocolError);
    expect(refusal).toMatchObject({ requestId: fixture.request_id === "unknown" ? undefined : fixture.request_id });
  });
});

/** Frames whose first one is compared by its values. */
type Frames = [header: unknown, ...tensors: Buffer[]];

function multipart({ message, tensors }: ValidFixture): Frames {
  const descriptions = tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const header = tensors.length === 0 ? message : { ...message, tensors: descriptions };
  return [timeless(header), ...tensors.map(({ file }) => readFileSync(new URL(`valid/${file}`, folder)))];
}

function jsonForm({ kind, message, tensors }: ValidFixture): unknown {
  const copy = structuredClone(message);
  for (const { name, lists } of tensors) putAt(copy, [bodies[kind], ...parsePointer(name)], lists);
  return timeless(copy);
}

/** Reads frames, and writes what was read. */
function rewrite({ kind }: ValidFixture, [header, ...tensors]: Frames | [unknown], form: Form): Frames {
  const frames = [Buffer.from(JSON.stringify(header)), ...tensors];
  const [first, ...rest] =
    kind === "request" ? encodeRequest(decodeRequest(frames), form) : encodeAnswer(decodeAnswer(frames), form);
  return [timeless(JSON.parse(String(first))), ...rest];
}

/** Everything is written at its own time. */
function timeless(message: object): object {
  expect(message).toMatchObject({ timestamp: expect.any(Number) });
  return { ...message, timestamp: 0 };
}

function bytesOf({ json, text, base64 }: InvalidFixture["frames"][number]): Buffer {
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return Buffer.from(text ?? JSON.stringify(json));
}

function read<T>(kind: "valid" | "invalid", validate: Validate<T>): { name: string; fixture: T }[] {
  return readdirSync(new URL(`${kind}/`, folder))
    .filter((file) => file.endsWith(".json"))
    .map((file) => {
      const validation = validate(JSON.parse(readFileSync(new URL(`${kind}/${file}`, folder), "utf8")));
      if (!validation.ok) throw new Error(`${file}: ${validation.problem}`);
      return { name: file.replace(/\.json$/, ""), fixture: validation.value };
    });
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
