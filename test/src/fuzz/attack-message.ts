/** One message of an attacker: an event of the contract or none, with a payload made from fixtures. */
import type { Dice } from "../chaos/dice.ts";
import { type Corpus, type MessageName, messageNames } from "./corpus.ts";
import { mutate } from "./mutate.ts";
import { freshStream } from "./oracle.ts";

/** What is sent. */
export interface AttackMessage {
  event: string;
  args: unknown[];
}

/** Where an attacker's streams stand, so that some of its batches go on where the last one ended. */
export interface AttackStreams {
  streamId: string;
  nextSeq: number;
}

const strangeEvents = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "error",
  "newListener",
  "removeListener",
  "__proto__",
  "constructor",
  "toString",
  "",
  "update_data",
  "send_to_robot",
  "process_raw",
  "hub_to_hub",
  "dismissed",
  "\u0000",
  "x".repeat(5_000),
];

/** Which fixtures an event's payload is made from. */
const payloads = new Map<string, readonly MessageName[]>([
  ["register", ["registration"]],
  ["clock", ["clock_reading"]],
  ["relay_to_hub", ["packet", "packet_array", "batch", "raw_packet"]],
  ["worker_to_hub", ["packet", "prediction"]],
  ["command_request", ["command_request"]],
  ["hex_to_hub", ["hex_to_hub"]],
]);

/** Makes a message; `usual` is the event that the attacker's role may send. */
export function makeMessage(corpus: Corpus, dice: Dice, usual: string, streams: AttackStreams): AttackMessage {
  const chance = dice.fraction();
  const event = chance < 0.6 ? usual : chance < 0.92 ? dice.pick([...payloads.keys()]) : dice.pick(strangeEvents);
  const names = payloads.get(event) ?? messageNames;
  const whole = payloadOf(corpus, dice, dice.pick(names), streams);
  const changes = dice.pick([0, 1, 1, 1, 2, 3]);
  const message = mutate(whole, dice, changes);
  return { event, args: argumentsAround(message, dice) };
}

function payloadOf(corpus: Corpus, dice: Dice, name: MessageName, streams: AttackStreams): unknown {
  const fixture = structuredClone(dice.pick(corpus[name] ?? []));
  if (name === "prediction") return { robot_id: "CHANCE", robot_type: "EP01", type: "ai_prediction", val: fixture };
  if (dice.fraction() < 0.8) makeFresh(fixture, dice);
  if (name === "batch" && isRecord(fixture) && dice.fraction() < 0.8) continueStream(fixture, dice, streams);
  return fixture;
}

/** Fixtures are older than the hub takes. */
function makeFresh(message: unknown, dice: Dice): void {
  const packets = isRecord(message) && Array.isArray(message["packets"]) ? message["packets"] : message;
  for (const packet of Array.isArray(packets) ? packets : [packets]) {
    if (isRecord(packet) && typeof packet["ts"] === "number") packet["ts"] = Date.now() - dice.between(0, 10_000);
  }
}

/** Mostly the next packets, sometimes ones that overlap, or leave a gap, or begin a stream that never goes on. */
function continueStream(batch: Record<string, unknown>, dice: Dice, streams: AttackStreams): void {
  if (dice.fraction() < 0.3) {
    const digits = (count: number) =>
      dice
        .between(0, 16 ** count - 1)
        .toString(16)
        .padStart(count, "0");
    batch["stream_id"] = `${freshStream}${digits(4)}-${digits(4)}-${digits(4)}-${digits(12)}`;
    batch["first_seq"] = 1;
    return;
  }
  const first = streams.nextSeq + dice.pick([0, 0, 0, 0, -1, -5, 1, 100, 2 ** 40]);
  batch["stream_id"] = streams.streamId;
  batch["first_seq"] = first;
  if (Array.isArray(batch["packets"]) && first === streams.nextSeq) streams.nextSeq += batch["packets"].length;
}

function argumentsAround(message: unknown, dice: Dice): unknown[] {
  const chance = dice.fraction();
  if (chance < 0.9) return [message];
  if (chance < 0.93) return [];
  if (chance < 0.95) return [message, message, message];
  if (chance < 0.97) return [null, message];
  return Array.from({ length: dice.pick([10, 1_000]) }, (_, index) => index);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
