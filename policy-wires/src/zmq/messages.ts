/** What the two sides of the wire say to each other. */
import { compileDiscriminated, compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { decodeFrames, encodeFrames, type Form, TensorDescription } from "./frames.ts";

/** What a server can be asked for; a server may register more. */
export type RequestType = "inference" | "train" | "command" | "status" | "health";

/** A request without an id is answered with this one. */
export const nobody = "unknown";

const tensors = Type.Optional(Type.Array(TensorDescription, { maxItems: 256 }));
const RequestId = Type.String({ maxLength: 200 });
/** Seconds since 1970, by the sender's clock. */
const Timestamp = Type.Optional(Type.Number());

const RequestMessage = Type.Object({
  type: Type.String({ minLength: 1, maxLength: 100 }),
  data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  timestamp: Timestamp,
  request_id: Type.Optional(RequestId),
  tensors,
});

const anyAnswer = { request_id: RequestId, timestamp: Timestamp, tensors };
const answerMessages = {
  success: Type.Object({ status: Type.Literal("success"), result: Type.Unknown(), ...anyAnswer }),
  ok: Type.Object({ status: Type.Literal("ok"), result: Type.Optional(Type.Unknown()), ...anyAnswer }),
  error: Type.Object({ status: Type.Literal("error"), error: Type.String(), ...anyAnswer }),
};

/** The `result` of a health answer. */
export const Health = Type.Object({
  /** `ok` when the server can be used. */
  status: Type.String(),
  /** The framework that runs in the container. */
  framework: Type.Optional(Type.String()),
  /** The first 12 hex digits of the weights' SHA-256, or what the framework calls its model. */
  model_version: Type.Optional(Type.String()),
  /** False while the model is being loaded. */
  ready: Type.Optional(Type.Boolean()),
});
export type Health = Type.Static<typeof Health>;

const validateRequest = compileValidator("a request", RequestMessage);
const validateAnswer = compileDiscriminated("an answer", "status", answerMessages);
export const validateHealth = compileValidator("a health answer", Health);

export interface Request {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

/**
 * `ok` is how a healthy server answers `health`: legacy clients look for it there. Their servers say `success`, and
 * `ok` inside `result`; so does ours.
 */
export type Answer =
  | { readonly status: "success" | "ok"; readonly requestId: string; readonly result: unknown }
  | { readonly status: "error"; readonly requestId: string; readonly error: string };

/** @throws TypeError, RangeError for what the form cannot carry */
export function encodeRequest({ type, data, requestId }: Request, form: Form): Buffer[] {
  return encodeFrames({ type, data, timestamp: now(), request_id: requestId }, "data", form);
}

/** @throws ZmqProtocolError */
export function decodeRequest(frames: readonly Buffer[]): Request {
  const { type, data = {}, request_id = nobody } = decodeFrames(frames, "data", validateRequest);
  return { type, data, requestId: request_id };
}

/** @throws TypeError, RangeError for what the form cannot carry */
export function encodeAnswer(answer: Answer, form: Form): Buffer[] {
  const { status, requestId: request_id } = answer;
  const timestamp = now();
  if (status === "error") return [Buffer.from(JSON.stringify({ status, error: answer.error, request_id, timestamp }))];
  const result = answer.result ?? null;
  const message = status === "ok" ? { status, ok: true, result } : { status, result };
  return encodeFrames({ ...message, request_id, timestamp }, "result", form);
}

/** @throws ZmqProtocolError */
export function decodeAnswer(frames: readonly Buffer[]): Answer {
  const answer = decodeFrames(frames, "result", validateAnswer);
  const requestId = answer.request_id;
  if (answer.status === "error") return { status: answer.status, requestId, error: answer.error };
  return { status: answer.status, requestId, result: answer.result };
}

function now(): number {
  return Date.now() / 1_000;
}
