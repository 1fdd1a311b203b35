/** What the hub answers: a success with a few facts, or an error that programs and people can use. */
import Type from "typebox";
import { CommandStatus } from "./command.ts";
import { CommittedSeq, EpochMs, Seq, Uuid } from "./scalars.ts";

/**
 * The codes that programs branch on.
 *
 * - `invalid_message`: not what the contract says; sending it again cannot help.
 * - `not_registered`, `forbidden`, `unauthorized`: who the client is does not allow it.
 * - `bad_clock`: a packet's time is too far from the hub's.
 * - `unstorable`: a value that JSONB cannot hold.
 * - `gap`: the batch starts after `expected_seq`; resume there.
 * - `overloaded`, `unavailable`: right message, wrong moment; try again later.
 * - `unknown_robot`: no relay has it now.
 */
export const ErrorCode = Type.Enum([
  "invalid_message",
  "not_registered",
  "forbidden",
  "unauthorized",
  "bad_clock",
  "unstorable",
  "gap",
  "overloaded",
  "unavailable",
  "unknown_robot",
]);
export type ErrorCode = Type.Static<typeof ErrorCode>;

const finalCodes: readonly ErrorCode[] = ["unauthorized", "forbidden", "invalid_message"];

/** True of what the hub says to a client that must not come as it is: trying again does not cure it. */
export const isFinal = (code: ErrorCode): boolean => finalCodes.includes(code);

/** An error, always in this shape. */
export const Failure = Type.Object(
  {
    ok: Type.Literal(false),
    error: Type.Object({
      code: ErrorCode,
      /** What was expected, what came, what to do. */
      message: Type.String(),
      /** With `gap`: where the hub wants the stream to go on. */
      expected_seq: Type.Optional(Seq),
      /** The packet of a stream that was refused, for codes about one packet. */
      seq: Type.Optional(Seq),
    }),
  },
  { $id: "failure" },
);
export type Failure = Type.Static<typeof Failure>;

/** The acknowledgement of `relay_to_hub`: its rows are committed. */
export const Stored = Type.Object(
  { ok: Type.Literal(true), committed_seq: Type.Optional(CommittedSeq) },
  { $id: "stored" },
);
export type Stored = Type.Static<typeof Stored>;

/** The acknowledgement of `command_request`: where the command stands now. */
export const CommandAccepted = Type.Object(
  { ok: Type.Literal(true), command_id: Uuid, status: CommandStatus },
  { $id: "command_accepted" },
);
export type CommandAccepted = Type.Static<typeof CommandAccepted>;

/** The acknowledgement of `clock`: the hub's time, to estimate an offset from. */
export const ClockReading = Type.Object({ ok: Type.Literal(true), server_time: EpochMs }, { $id: "clock_reading" });
export type ClockReading = Type.Static<typeof ClockReading>;

/** The acknowledgement of events that answer with nothing else. */
export const Accepted = Type.Object({ ok: Type.Literal(true) }, { $id: "accepted" });
export type Accepted = Type.Static<typeof Accepted>;

export function failure(
  code: ErrorCode,
  message: string,
  details: { expected_seq?: number; seq?: number } = {},
): Failure {
  return { ok: false, error: { code, message, ...details } };
}
