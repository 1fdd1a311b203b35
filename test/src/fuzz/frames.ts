/** Socket.IO messages as the frames that cross the wire, whole and broken. */
import { Decoder, Encoder, type Packet, PacketType } from "socket.io-parser";
import type { Dice } from "../chaos/dice.ts";
import { writeUnwritable } from "./mutate.ts";

/** A text frame, and binary ones for its attachments. */
export type Frame = string | Buffer;

const roomForAttachments = 100_000;

/** How to write an event. */
interface FrameOptions {
  /** Of the acknowledgement that it asks for. */
  id?: number;
  /** Writes what `JSON.stringify` cannot, as the client library would not. */
  unwritable?: boolean;
}

/** Writes an event. */
export function framesOf(event: string, args: readonly unknown[], options: FrameOptions = {}): Frame[] {
  const { id, unwritable = true } = options;
  // The encoder refuses the names that Socket.IO keeps for itself; attackers do not.
  const packet: Packet = { type: PacketType.EVENT, nsp: "/", data: ["", ...args] };
  const encoded: Frame[] = new Encoder().encode(id === undefined ? packet : { ...packet, id });
  return encoded.map((frame) => {
    if (typeof frame !== "string") return frame;
    const named = frame.replace('[""', () => `[${JSON.stringify(event)}`);
    return unwritable ? writeUnwritable(named) : named;
  });
}

/** Reads the arguments of an event as the hub will; `undefined` where nobody can. */
export function readFrames(frames: readonly Frame[]): unknown[] | undefined {
  const decoder = new Decoder({ maxAttachments: roomForAttachments });
  let args: unknown[] | undefined;
  decoder.on("decoded", ({ data }) => {
    if (Array.isArray(data)) args = data.slice(1);
  });
  try {
    for (const frame of frames) decoder.add(frame);
  } catch {
    return undefined;
  }
  return args;
}

/** Breaks the frames of a message: what is lost, cut off, too much or turned round. */
export function breakFrames(frames: readonly Frame[], dice: Dice): Frame[] {
  const [head = "", ...rest] = frames;
  const text = String(head);
  switch (dice.between(0, 8)) {
    case 0:
      return [text.slice(0, dice.between(0, text.length)), ...rest];
    case 1:
      return [text, ...rest.slice(1)];
    case 2:
      return [text, ...rest, Buffer.alloc(10)];
    case 3:
      return [
        `5${dice.pick([1, 3, 10, 11, 5_000, 1e9, -1, 0.5])}-["relay_to_hub",{"_placeholder":true,"num":0}]`,
        ...rest,
      ];
    case 4:
      return [flipped(text, dice), ...rest];
    case 5:
      return [...rest, text];
    case 6:
      return [Buffer.from(text), ...rest];
    case 7:
      return [
        dice.pick([
          "",
          "2",
          "2[",
          "2{}",
          "2[]",
          '2["clock"',
          "29999999999999999999[]",
          "3",
          '31["x"]',
          "31{}",
          "61-[]",
          "7",
          "99",
          '2/other,["clock"]',
          "0/other,",
          "1",
          '4"x"',
          "2[null]",
          "2[1]",
          '2["clock",',
          "\u0000",
          "🤖",
        ]),
      ];
    default:
      return [`${text.slice(0, 1)}${"9".repeat(dice.between(1, 400))}${text.slice(1)}`, ...rest];
  }
}

function flipped(text: string, dice: Dice): string {
  const place = dice.between(0, Math.max(0, text.length - 1));
  return text.slice(0, place) + String.fromCharCode(dice.between(0, 255)) + text.slice(place + 1);
}
