/** Messages that no server wants, and sockets that send them. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import { Dealer } from "zeromq";
import { createDice, type Dice } from "../src/chaos/dice.ts";

type Frame = string | Buffer;

const fixtures = new URL("../../policy-wires/fixtures/zmq/", import.meta.url);
const RefusedFrame = Type.Object({
  json: Type.Optional(Type.Unknown()),
  text: Type.Optional(Type.String()),
  base64: Type.Optional(Type.String()),
});
const validateCases = compileValidator(
  "a file of cases",
  Type.Array(Type.Object({ valid: Type.Boolean(), frames: Type.Optional(Type.Array(RefusedFrame)) })),
);

/** What both languages refuse, as text where it is JSON. */
const refused = ["request", "answer"].flatMap((kind) => {
  const cases = validateCases(JSON.parse(readFileSync(new URL(`${kind}.json`, fixtures), "utf8")));
  if (!cases.ok) throw new Error(`${kind}.json: ${cases.problem}`);
  return cases.value.flatMap(({ valid, frames = [] }) => (valid ? [] : [frames.map(frameOf)]));
});

function frameOf({ json, text, base64 }: Type.Static<typeof RefusedFrame>): Frame {
  return base64 === undefined ? (text ?? JSON.stringify(json)) : Buffer.from(base64, "base64");
}

/** A message, the frame that ends the address included where there is one. */
function hostileMessage(dice: Dice): Frame[] {
  const { pick, between } = dice;
  const request = (rest: object) =>
    JSON.stringify({ type: "inference", data: { observation: {} }, timestamp: 0, request_id: "hostile", ...rest });
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => between(0, 255)));
  const tensor = (rest: object) => ({ name: "/observation/x", dtype: "uint8", shape: [4], ...rest });
  const good = [request({ tensors: [tensor({})] }), Buffer.alloc(4)];
  const cut = (frame: Frame) => frame.slice(0, between(0, frame.length));

  return pick<() => Frame[]>([
    () => ["", ...pick(refused)],
    () => ["", ...pick(refused)],
    () => ["", noise(between(0, 300))],
    () => [noise(between(1, 3)), noise(between(0, 3)), noise(between(0, 3))],
    () => [""],
    () => ["", "", "", ""],
    () => ["", ...good.map(cut)],
    () => ["", ...good.slice(0, 1)],
    () => ["", ...good.slice(1)],
    () => good,
    () => ["", ...[...good].reverse()],
    () => ["", ...good, ...good],
    () => ["", request({ tensors: [tensor({ shape: [2 ** between(20, 52), 2 ** between(1, 52)] })] }), Buffer.alloc(4)],
    () => [
      "",
      request({ tensors: [tensor({ dtype: pick(["object", "V8", "U10", "datetime64", "", "float128"]) })] }),
      Buffer.alloc(4),
    ],
    () => ["", request({ tensors: Array.from({ length: between(1, 1_000) }, () => tensor({})) }), Buffer.alloc(4)],
    () => ["", request({}), ...Array.from({ length: between(1, 300) }, () => Buffer.alloc(0))],
    () => ["", request({ request_id: pick([1, null, {}, [], true, "x".repeat(10_000)]) })],
    () => ["", request({ type: pick([1, null, {}, "", "__proto__", "constructor", "x".repeat(10_000)]) })],
    () => ["", request({ data: pick([1, null, [], "x", true]) })],
    () => ["", request({ type: "fail" })],
    () => ["", "[".repeat(between(1, 50_000)).concat("]".repeat(between(1, 50_000)))],
    () => ["", `{"type":"echo","data":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`],
    () => ["", `{"type":"echo","data":{"n":${"9".repeat(between(1, 10_000))}}}`],
    () => ["", request({ data: Object.fromEntries(Array.from({ length: between(1, 3_000) }, (_, key) => [key, []])) })],
    () => ["", '{"__proto__": {"type": "inference"}, "constructor": 1}'],
  ])();
}

/** Sends so many messages from one socket, which reads no answer. Whoever attacks closes the socket. */
export async function attack(endpoint: string, count: number, seed: number): Promise<Dealer> {
  const socket = new Dealer({ linger: 0 });
  socket.connect(endpoint);
  const dice = createDice(seed);
  for (let sent = 0; sent < count; sent++) await socket.send(hostileMessage(dice));
  return socket;
}

/** How ZMTP 3 begins. */
const greeting = Buffer.alloc(64);
greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0]);
greeting.write("NULL", 12);
const ready = Buffer.concat([
  Buffer.from([4, 25, 5]),
  Buffer.from("READY"),
  Buffer.from([11]),
  Buffer.from("Socket-Type"),
  Buffer.from([0, 0, 0, 3]),
  Buffer.from("REQ"),
]);

/** Sends a request so many times, and vanishes without a goodbye while the server is busy. */
export async function floodAndVanish(endpoint: string, request: object, count: number): Promise<void> {
  const text = Buffer.from(JSON.stringify(request));
  const message = Buffer.concat([Buffer.from([1, 0, 0, text.byteLength]), text]);
  const socket = await shakeHands(endpoint);
  socket.write(Buffer.concat(Array.from({ length: count }, () => message)));
  // The server reads as much as it wants to.
  await sleep(1_000);
  socket.resetAndDestroy();
}

/** Speaks no ZMTP, or not to the end: a frame of gigabytes is announced and never sent. */
export async function attackBelow(endpoint: string, count: number, seed: number): Promise<void> {
  const dice = createDice(seed);
  const gigabytes = Buffer.from([2, 0, 0, 0, 200, 0, 0, 0, 0]);
  for (let sent = 0; sent < count; sent++) {
    const [begin, bytes] = dice.pick<readonly [typeof open, Buffer]>([
      [open, Buffer.from("GET / HTTP/1.1\r\n\r\n")],
      [open, Buffer.from(Array.from({ length: 200 }, () => dice.between(0, 255)))],
      [open, greeting.subarray(0, dice.between(1, 64))],
      [open, Buffer.concat([greeting, ready, gigabytes])],
      [shakeHands, Buffer.concat([gigabytes, Buffer.alloc(1_000)])],
      [shakeHands, Buffer.concat([Buffer.from([1, 0]), gigabytes])],
    ]);
    const socket = await begin(endpoint);
    await new Promise<void>((resolve) => socket.write(bytes, () => setTimeout(resolve, 5)));
    socket.destroy();
  }
}

async function open(endpoint: string): Promise<Socket> {
  const { port, hostname } = new URL(endpoint);
  // The server may close it at any time.
  return connect({ port: Number(port), host: hostname }).on("error", () => undefined);
}

/** Resolves when the server is ready for messages: with more than its greeting, its own READY has come. */
async function shakeHands(endpoint: string): Promise<Socket> {
  const socket = await open(endpoint);
  socket.write(Buffer.concat([greeting, ready]));
  while (socket.bytesRead <= greeting.byteLength) await once(socket, "data");
  return socket;
}
