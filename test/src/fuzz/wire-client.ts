/** A Socket.IO client that sends whatever frames it likes: Engine.IO and Socket.IO by hand, over a WebSocket. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Frame } from "./frames.ts";

/** What came of a message: the acknowledgement's first argument, or nothing while the connection lived or died. */
export type Outcome = { kind: "answered"; answer: unknown } | { kind: "silent" } | { kind: "closed" };

/** A connection. Whoever opens it closes it. */
export interface WireClient {
  /** False when the hub did not let it in, or the connection is gone. */
  readonly open: boolean;
  send(frames: readonly Frame[]): void;
  /** Sends a message that asks for the acknowledgement `id`. */
  ask(id: number, frames: readonly Frame[]): Promise<Outcome>;
  /** The one who hears every event without binary: its name and first argument. */
  onEvent(hear: (event: unknown, value: unknown) => void): void;
  /** Sends bytes below Socket.IO: an Engine.IO packet, or anything. */
  sendRaw(data: string | Buffer): void;
  /** Reads nothing more from the TCP connection, until it is resumed. */
  pause(): void;
  resume(): void;
  /** Ends without a goodbye. */
  cut(): void;
  close(): void;
}

/** Connects, with any payload for a handshake. What is not answered within `patienceMs` counts as silent. */
export async function openWireClient(url: string, handshake: string, patienceMs = 10_000): Promise<WireClient> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let hear: (event: unknown, value: unknown) => void = () => undefined;
  let admit: (admitted: boolean) => void = () => undefined;
  const admitted = new Promise<boolean>((resolve) => {
    admit = resolve;
  });

  socket.on("message", (data, isBinary) => {
    if (isBinary) return;
    const text = String(data);
    if (text === "2") socket.send("3");
    else if (text.startsWith("0")) socket.send(`40${handshake}`);
    else if (text.startsWith("40")) admit(true);
    else if (text.startsWith("44")) admit(false);
    else if (text.startsWith("43")) acknowledged(text.slice(2));
    else if (text.startsWith("42")) heard(text.slice(text.indexOf("[")));
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    admit(false);
    for (const resolve of waiting.values()) resolve({ kind: "closed" });
    waiting.clear();
  });

  function acknowledged(text: string): void {
    const start = text.indexOf("[");
    const id = Number(text.slice(0, start));
    const answers: unknown = JSON.parse(text.slice(start));
    waiting.get(id)?.({ kind: "answered", answer: Array.isArray(answers) ? answers[0] : answers });
    waiting.delete(id);
  }

  function heard(text: string): void {
    const message: unknown = JSON.parse(text);
    if (Array.isArray(message)) hear(message[0], message[1]);
  }

  function send(frames: readonly Frame[]): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    for (const frame of frames) socket.send(typeof frame === "string" ? `4${frame}` : frame);
  }

  if (!(await Promise.race([admitted, sleep(patienceMs, false)]))) socket.terminate();
  return {
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    send,
    ask(id, frames) {
      if (socket.readyState !== WebSocket.OPEN) return Promise.resolve({ kind: "closed" });
      return new Promise((resolve) => {
        const tooLate = setTimeout(() => resolve({ kind: "silent" }), patienceMs);
        waiting.set(id, (outcome) => {
          clearTimeout(tooLate);
          resolve(outcome);
        });
        send(frames);
      });
    },
    onEvent(listener) {
      hear = listener;
    },
    sendRaw(data) {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    cut: () => socket.terminate(),
    close() {
      if (socket.readyState === WebSocket.OPEN) socket.send("41");
      socket.close();
    },
  };
}
