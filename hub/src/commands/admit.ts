/** The gate that every command passes, whoever asks: a viewer, a policy, a worker with bytes of its own, another hub. */
import { randomUUID } from "node:crypto";
import { type CommandRequest, defaultCommandTtlMs, type Failure, failure } from "@physical-ai/unity-protocol";
import { toStorable } from "../storable.ts";
import type { Audit, KnownCommand } from "./audit.ts";
import { type Command, type CommandCause, rowOf } from "./command.ts";

/** Whether a command may go on its way. */
type Admission =
  | { kind: "admitted"; command: Command }
  /** Its id has come before: it is not executed again. */
  | { kind: "known"; known: KnownCommand }
  /** `audited`: its status is a row and an event already. */
  | { kind: "refused"; refusal: Failure; audited: boolean };

/** Nothing else opens a command: from here on it is known, and its life runs. */
export type Admit = (request: CommandRequest, cause: CommandCause) => Admission;

/** `now` is the clock, in epoch milliseconds. */
export function createAdmit(audit: Audit, now: () => number): Admit {
  return (request, cause) => {
    const problem = problemWithParams(request.params);
    if (problem !== undefined) return { kind: "refused", refusal: failure("unstorable", problem), audited: false };
    const commandId = request.command_id?.toLowerCase() ?? randomUUID();
    const known = audit.find(commandId);
    if (known !== undefined) return { kind: "known", known };

    const time = now();
    const ttlMs = lifeOf(request, cause, time);
    const command = { row: rowOf(request, cause, commandId, time), ttlMs, askedBy: cause.forwarded?.askedBy };
    audit.open(command);
    if (ttlMs > 0) return { kind: "admitted", command };
    const late = "it came too late to the hub that has this robot";
    audit.become(command, "expired", { problem: late });
    const refusal = failure("invalid_message", `command ${commandId} has expired; ${late}`);
    return { kind: "refused", refusal, audited: true };
  };
}

/** The asking hub's clock may be behind: a command never lives longer than it was given. */
function lifeOf({ ttl_ms = defaultCommandTtlMs }: CommandRequest, { forwarded }: CommandCause, time: number): number {
  return forwarded === undefined ? ttl_ms : Math.min(ttl_ms, forwarded.expiresAt - time);
}

/** Params wait in memory until the robot has answered and the database has them. */
const maxParamsLength = 64_000;

/** Says why the params of a command cannot be kept, if so. */
export function problemWithParams(params: unknown): string | undefined {
  const storable = toStorable(params ?? {});
  if (!storable.ok) return storable.problem;
  if (storable.blobs.length > 0) return "params cannot hold binary";
  if (storable.json.length > maxParamsLength) return `params may be at most ${maxParamsLength} characters of JSON`;
  return undefined;
}
