/** What the numbered sources say: each packet follows from its index alone, so that nobody has to remember it. */
import { createHash } from "node:crypto";
import type { Packet } from "@physical-ai/unity-protocol";
import { createDice, type Dice } from "./dice.ts";

/** A source's packets. The index of a packet is from 1 on, and is its seq in the relay's stream. */
export interface PacketSeries {
  /** Its two robots are `<name>_A` and `<name>_B`. */
  name: string;
  /** When packet 0 would have been made, epoch milliseconds. */
  startedAt: number;
  /** Packets a second. */
  rate: number;
}

/** Values of these types must arrive even where a relay's quota is full. */
export const keptType = "impact";

const robotType = "EP01";

/** Makes packet `index`. */
export function packetOf(series: PacketSeries, index: number): Packet {
  const dice = createDice(index, series.name.length);
  const { type, val } = readingOf(index, dice);
  const robot_id = `${series.name}_${index % 2 === 0 ? "A" : "B"}`;
  return { robot_id, robot_type: robotType, type, val, ts: madeAt(series, index) };
}

/** Its `ts`. */
export function madeAt({ startedAt, rate }: PacketSeries, index: number): number {
  return Math.round(startedAt + (index * 1_000) / rate);
}

/** The newest packet that is made by now; 0 before the first. */
export function newestIndex({ startedAt, rate }: PacketSeries, now: number): number {
  return Math.max(0, Math.floor(((now - startedAt) * rate) / 1_000));
}

/** What `val` becomes in `payload.value`: binary is a reference. */
export function storedValue(val: unknown): unknown {
  if (val instanceof Uint8Array) return { $blob: sha256(val), bytes: val.byteLength, encoding: "jpeg" };
  if (Array.isArray(val)) return val.map(storedValue);
  if (typeof val !== "object" || val === null) return val;
  return Object.fromEntries(Object.entries(val).map(([key, item]) => [key, storedValue(item)]));
}

/** The binary parts of a value. */
export function blobsIn(val: unknown): Uint8Array[] {
  if (val instanceof Uint8Array) return [val];
  return typeof val === "object" && val !== null ? Object.values(val).flatMap(blobsIn) : [];
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function readingOf(index: number, dice: Dice): { type: string; val: unknown } {
  if (index % 250 === 0) return { type: "image/front", val: { n: index, frame: frame(dice) } };
  if (index % 400 === 7) return { type: "cloud", val: { n: index, points: numbers(dice, 2_000) } };
  switch (index % 10) {
    case 0:
    case 1:
      return { type: "ultrasound", val: { n: index, ranges: Array.from({ length: 24 }, () => 5 * dice.fraction()) } };
    case 2:
      return { type: "battery", val: 100 / (index + 1) };
    case 3:
      return {
        type: "log",
        val: { n: index, [dice.pick(texts)]: dice.pick(texts), text: `${dice.pick(texts)}${index}` },
      };
    case 4:
      return { type: keptType, val: { n: index, force: numbers(dice, 3) } };
    case 5:
      return { type: "extremes", val: { n: index, values: dice.shuffled(extremes) } };
    case 6:
      return { type: "nested", val: nested(index, dice.between(1, 30)) };
    default:
      return { type: "imu", val: { n: index, acc: numbers(dice, 3), gyro: numbers(dice, 3), frame: "imu_link" } };
  }
}

const numbers = (dice: Dice, count: number) => Array.from({ length: count }, () => (dice.fraction() - 0.5) * 20);

function frame(dice: Dice): Uint8Array {
  const bytes = Uint8Array.from({ length: dice.between(100, 5_000) }, () => dice.between(0, 255));
  bytes.set([0xff, 0xd8]);
  return bytes;
}

function nested(index: number, depth: number): unknown {
  return depth === 0 ? index : { depth, inside: [nested(index, depth - 1)] };
}

/** What formats on the way may stumble over. */
const texts = [
  "plain",
  "Überfahrt 40 °C",
  "ロボット",
  "روبوت",
  "🤖👩‍🚀🏳️‍🌈",
  "e\u0301",
  "\u2028\u2029\ufeff\u00a0",
  "tab\tnewline\nreturn\r",
  "\\N \\. \\\\ \\t",
  "quote\" ' ` $blob ; --",
  "\u0001\u001f\u007f",
  "",
];
const extremes = [
  0.1 + 0.2,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.MAX_SAFE_INTEGER,
  1e21,
  1e-7,
  true,
  false,
  null,
  "",
  [],
  {},
];
