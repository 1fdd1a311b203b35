import type { CommandRow } from "@physical-ai/db";
import type { CommandRequest } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { createAdmit } from "./admit.ts";
import { Audit } from "./audit.ts";
import type { CommandCause } from "./command.ts";

const command_id = "0b9f6a1e-3c59-4c62-8f0d-7c0f2f9b1a44";
const stop: CommandRequest = { robot_id: "r1", action: "stop", command_id };

const causes: [string, CommandCause][] = [
  ["a viewer", { sender: "unity-1" }],
  ["a policy", { sender: "policy:p", streamId: command_id, seq: 4 }],
  ["a worker with bytes of its own", { sender: "worker:w1" }],
  ["another hub", { sender: "unity-1", forwarded: { askedBy: "hub-b", expiresAt: 1_000_500 } }],
];

function createScene() {
  const rows: CommandRow[] = [];
  const audience = { commandUpdate: () => undefined };
  const audit = new Audit({ writer: { add: (row) => void rows.push(row) }, audience, now: () => 1_000_000 });
  return { rows, audit, admit: createAdmit(audit, () => 1_000_000) };
}

describe.each(causes)("a command of %s", (_who, cause) => {
  it("is admitted once, and known from then on", () => {
    const { admit, audit } = createScene();
    expect(admit(stop, cause)).toMatchObject({ kind: "admitted", command: { row: { sender: cause.sender } } });
    expect(audit.find(command_id)).toMatchObject({ identity: { robot_id: "r1", sender: cause.sender } });
    for (const [, again] of causes)
      expect(admit(stop, again)).toMatchObject({ kind: "known", known: { status: "sent" } });
  });

  it("is refused where its params cannot be kept, without a row", () => {
    const { admit, audit, rows } = createScene();
    const refused = { kind: "refused", refusal: { error: { code: "unstorable" } } };
    expect(admit({ ...stop, params: { text: "\u0000" } }, cause)).toMatchObject(refused);
    expect([audit.find(command_id), rows]).toEqual([undefined, []]);
  });
});

describe("a command's life", () => {
  const forwardedUntil = (expiresAt: number) => ({ sender: "v", forwarded: { askedBy: "hub-b", expiresAt } });

  it("is what its sender gives it, two seconds otherwise, and never longer for being forwarded", () => {
    const lifeOf = (request: CommandRequest, cause: CommandCause) => {
      const admission = createScene().admit(request, cause);
      return admission.kind === "admitted" ? admission.command.ttlMs : undefined;
    };
    expect(lifeOf(stop, { sender: "v" })).toBe(2_000);
    expect(lifeOf({ ...stop, ttl_ms: 500 }, { sender: "v" })).toBe(500);
    expect(lifeOf({ ...stop, ttl_ms: 500 }, forwardedUntil(1_000_100))).toBe(100);
    expect(lifeOf({ ...stop, ttl_ms: 500 }, forwardedUntil(9_000_000))).toBe(500);
  });

  it("that is over on arrival ends it, with a row", () => {
    const { admit, rows } = createScene();
    expect(admit(stop, forwardedUntil(1_000_000))).toMatchObject({ kind: "refused" });
    expect(rows.map(({ status }) => status)).toEqual(["expired"]);
  });
});
