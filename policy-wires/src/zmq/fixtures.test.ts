/** The TypeScript runner of the cases that both languages share. */
import { readFileSync } from "node:fs";
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { describe, expect, it } from "vitest";
import { ZmqProtocolError } from "./errors.ts";
import { type Body, type Form, TensorDescription } from "./frames.ts";
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from "./messages.ts";
import { parsePointer, putAt } from "./pointer.ts";

const folder = new URL("../../fixtures/zmq/", import.meta.url);

const ValidCase = Type.Object({
  description: Type.String(),
  valid: Type.Literal(true),
  message: Type.Record(Type.String(), Type.Unknown()),
  tensors: Type.Array(Type.Object({ ...TensorDescription.properties, base64: Type.String(), lists: Type.Unknown() })),
});
const InvalidCase = Type.Object({
  description: Type.String(),
  valid: Type.Literal(false),
  request_id: Type.String(),
  frames: Type.Array(
    Type.Object({
      json: Type.Optional(Type.Unknown()),
      text: Type.Optional(Type.String()),
      base64: Type.Optional(Type.String()),
    }),
  ),
});
const validateCases = compileValidator("a file of cases", Type.Array(Type.Union([ValidCase, InvalidCase])));

type Kind = "request" | "answer";
type ValidCase = Type.Static<typeof ValidCase>;
type InvalidCase = Type.Static<typeof InvalidCase>;

const bodies: Record<Kind, Body> = { request: "data", answer: "result" };
const decode = { request: decodeRequest, answer: decodeAnswer };

describe.each(["request", "answer"] as const)("%s", (kind) => {
  const cases = readCases(kind);

  describe.each(cases.filter((each) => each.valid))("$description", (valid) => {
    it("is read and written with frames for tensors", () => {
      expect(rewrite(kind, multipart(valid), "multipart")).toEqual(multipart(valid));
    });

    it("is read with frames, and written as JSON", () => {
      expect(rewrite(kind, multipart(valid), "json")).toEqual([jsonForm(kind, valid)]);
    });

    it("is read and written as JSON", () => {
      expect(rewrite(kind, [jsonForm(kind, valid)], "json")).toEqual([jsonForm(kind, valid)]);
    });
  });

  it.each(cases.filter((each) => !each.valid))("refused: $description", ({ frames, request_id }) => {
    const refusal = thrownBy(() => decode[kind](frames.map(bytesOf)));
    expect(refusal).toBeInstanceOf(ZmqProtocolError);
    expect(refusal).toMatchObject({ requestId: request_id === "unknown" ? undefined : request_id });
  });
});

/** Frames whose first one is compared by its values. */
type Frames = [header: unknown, ...tensors: Buffer[]];

function multipart({ message, tensors }: ValidCase): Frames {
  const descriptions = tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const header = tensors.length === 0 ? message : { ...message, tensors: descriptions };
  return [timeless(header), ...tensors.map(({ base64 }) => Buffer.from(base64, "base64"))];
}

function jsonForm(kind: Kind, { message, tensors }: ValidCase): unknown {
  const copy = structuredClone(message);
  for (const { name, lists } of tensors) putAt(copy, [bodies[kind], ...parsePointer(name)], lists);
  return timeless(copy);
}

/** Reads frames, and writes what was read. */
function rewrite(kind: Kind, [header, ...tensors]: Frames | [unknown], form: Form): Frames {
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

function bytesOf({ json, text, base64 }: InvalidCase["frames"][number]): Buffer {
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return Buffer.from(text ?? JSON.stringify(json));
}

function readCases(kind: Kind): (ValidCase | InvalidCase)[] {
  const cases = validateCases(JSON.parse(readFileSync(new URL(`${kind}.json`, folder), "utf8")));
  if (!cases.ok) throw new Error(`${kind}.json: ${cases.problem}`);
  return cases.value;
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
