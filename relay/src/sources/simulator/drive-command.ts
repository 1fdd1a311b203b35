/** What a simulated robot can be told: `drive` and `stop`. */
import { compileValidator, type RobotCommand } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { limits, type Velocity } from "./body.ts";

const DriveParams = Type.Object(
  {
    /** m/s, forward positive. */
    linear: Type.Number({ minimum: -limits.linear, maximum: limits.linear }),
    /** rad/s, counter-clockwise positive. */
    angular: Type.Number({ minimum: -limits.angular, maximum: limits.angular }),
  },
  { additionalProperties: false },
);

const validateDrive = compileValidator("the params of drive", DriveParams);

/** What a command asks of the motors, or a sentence about why it cannot be done. */
export type DriveRequest = { ok: true; velocity: Velocity } | { ok: false; problem: string };

/** Understands a command. */
export function readDriveCommand({ action, params }: Pick<RobotCommand, "action" | "params">): DriveRequest {
  if (action === "stop") return { ok: true, velocity: { linear: 0, angular: 0 } };
  if (action !== "drive")
    return { ok: false, problem: `action must be "drive" or "stop"; got ${JSON.stringify(action)}` };
  const checked = validateDrive(params);
  return checked.ok ? { ok: true, velocity: checked.value } : checked;
}
