/**
 * The loop's hops without a system: sender → Socket.IO server → worker with one `session.run` a packet → server → viewer,
 * each a process, each packet an event, nothing checked, stored or kept.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { paceAt } from "./pace.ts";

/** A running bare loop. Whoever starts it stops it. */
interface BareLoop {
  url: string;
  stop(): Promise<void>;
}

/** Starts server, worker and sender. */
export async function startBareLoop(model: string, hz: number, robots: number): Promise<BareLoop> {
  const program = fileURLToPath(import.meta.url);
  const children: ChildProcess[] = [];
  const start = async (...args: string[]): Promise<unknown> => {
    const child = fork(program, args);
    children.push(child);
    const [message] = await once(child, "message");
    return message;
  };
  const url = `http://127.0.0.1:${await start("server")}`;
  await start("worker", url, model);
  await start("sender", url, String(hz), String(robots));
  return {
    url,
    async stop() {
      for (const child of children.reverse()) {
        child.kill();
        await once(child, "exit");
      }
    },
  };
}

function serve(): void {
  const http = createServer();
  const server = new Server(http);
  server.on("connection", (socket) => {
    socket.on("join", (room, acknowledge) => {
      socket.join(room);
      acknowledge();
    });
    socket.on("relay_to_hub", (packet) => server.to("worker").emit("process_raw", packet));
    socket.on("worker_to_hub", (packet) => server.to("viewer").emit("update_data", packet));
  });
  http.listen(0, "127.0.0.1", () => {
    const address = http.address();
    if (typeof address === "object" && address !== null) process.send?.(address.port);
  });
}

async function work(url: string, model: string): Promise<void> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const socket = io(url, { transports: ["websocket"] });
  socket.on("process_raw", async (packet) => {
    const { ranges } = packet.val;
    const front = Math.min(...ranges.slice(10, 15));
    const left = Math.min(...ranges.slice(17, 20));
    const features = new Tensor("float32", Float32Array.of(front, left), [1, 2]);
    const { probabilities } = await session.run({ features });
    socket.emit("worker_to_hub", { ...packet, val: { ts: packet.ts, probabilities: probabilities?.data } });
  });
  await socket.emitWithAck("join", "worker");
  process.send?.("ready");
}

async function send(url: string, hz: number, robots: number): Promise<void> {
  const socket = io(url, { transports: ["websocket"] });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  paceAt(hz, robots, (packets) => {
    for (const packet of packets) socket.emit("relay_to_hub", packet);
  });
  process.send?.("ready");
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [role, url = "", first = "", second = ""] = process.argv.slice(2);
  if (role === "server") serve();
  if (role === "worker") await work(url, first);
  if (role === "sender") await send(url, Number(first), Number(second));
}
