/** The Socket.IO parser with bounds that hold for a whole message, its binary attachments included. */
import { maxBinariesPerPacket, maxPacketsPerBatch } from "@physical-ai/unity-protocol";
import { Decoder, Encoder } from "socket.io-parser";

/** Of one frame: the text of a message, or one of its attachments. */
export const maxFrameBytes = 4_000_000;

/** Of a message with all its attachments. */
const maxMessageBytes = 16_000_000;

/** Attachments come one by one: without a bound a message that never ends would fill the memory. */
class BoundedDecoder extends Decoder {
  #bytes = 0;

  constructor() {
    super({ maxAttachments: maxPacketsPerBatch * maxBinariesPerPacket });
    this.on("decoded", () => {
      this.#bytes = 0;
    });
  }

  /** What it throws closes the connection. */
  override add(frame: string | Uint8Array): void {
    this.#bytes += frame.length;
    if (this.#bytes > maxMessageBytes) {
      throw new Error(`expected a message of at most ${maxMessageBytes} bytes with its attachments; more came`);
    }
    super.add(frame);
  }
}

/** For the option `parser` of the server. */
export const boundedParser = { Encoder, Decoder: BoundedDecoder };
