/** Who an attacker pretends to be. */
import { Role } from "@physical-ai/unity-protocol";
import type { Dice } from "../chaos/dice.ts";

/** One attacker, for one connection. */
export interface Persona {
  /** The payload of its handshake, as it is sent. */
  handshake: string;
  /** What it registers with before it begins; `undefined` for those that do not. */
  registration: object | undefined;
  role: Role | undefined;
  legacy: boolean;
  /** The event that its role may send. */
  usualEvent: string;
}

/** Tokens of this hub, one of each role. */
export type Tokens = Record<Role, string>;

const events: Record<Role, string> = {
  relay: "relay_to_hub",
  brain_worker: "worker_to_hub",
  viewer: "command_request",
};
const roles = Role.enum;

/** Chooses one. */
export function choosePersona(dice: Dice, tokens: Tokens, streamId: string): Persona {
  const role = dice.pick(roles);
  // A stream belongs to the relay that began it: mostly it is that one which comes again.
  const id = dice.fraction() < 0.8 ? `attacker-of-${streamId}` : `attacker-${dice.between(1, 50)}`;
  const registers = dice.fraction() < 0.8;
  const legacy = registers && dice.fraction() < 0.25;
  const withToken = dice.fraction();
  const known = withToken < 0.2;
  return {
    handshake: known ? JSON.stringify({ token: tokens[role] }) : handshakeOf(dice, withToken),
    registration: registers ? registrationOf(role, known ? tokenId : id, legacy, streamId) : undefined,
    role: registers ? role : undefined,
    legacy,
    usualEvent: events[role],
  };
}

/** The id that all tokens of the attackers carry. */
export const tokenId = "attacker";

function handshakeOf(dice: Dice, chance: number): string {
  if (chance < 0.9) return "";
  return dice.pick([
    '{"token":"ey.ey.ey"}',
    '{"token":7}',
    '{"token":null}',
    '{"token":{"a":[]}}',
    '{"token":""}',
    "{}",
    "[]",
    "7",
    '{"__proto__":{"token":"x"}}',
    `{"token":"${"a".repeat(20_000)}"}`,
  ]);
}

function registrationOf(role: Role, id: string, legacy: boolean, streamId: string): object {
  if (legacy) return { role, id, robot_type: "EP01" };
  switch (role) {
    case "relay":
      return { role, id, protocol: 1, stream_id: streamId };
    case "brain_worker":
      return {
        role,
        id,
        protocol: 1,
        policies: [{ name: "attack", types: ["imu", "battery"], delivery: "every" }],
        generates_hex: ["EP01"],
      };
    case "viewer":
      return { role, id, protocol: 1 };
  }
}
