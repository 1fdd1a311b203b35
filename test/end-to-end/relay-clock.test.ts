/** A hub whose clock is set while a relay is connected: a stand-in on real sockets, for a real one has the machine's clock. */
import { MemoryLog, type PacketSink, Relay } from "@physical-ai/relay";
import { type Batch, failure } from "@physical-ai/unity-protocol";
import { pino } from "pino";
import { Server } from "socket.io";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { packetsOf } from "../src/in-process-hub.ts";
import { freePort } from "../src/test-stack.ts";

const hourMs = 3_600_000;

let io: Server;
let url: string;
/** How far the hub's clock is ahead. */
let aheadMs: number;
let doubts: number;
let rows: number[];

beforeEach(async () => {
  [aheadMs, doubts, rows] = [0, 0, []];
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  io = new Server(port);
  const now = () => Date.now() + aheadMs;
  io.on("connection", (socket) => {
    socket.on("register", (_, answer) =>
      answer({ ok: true, protocol: 1, server_time: now(), committed_seq: rows.length }),
    );
    socket.on("clock", (answer) => answer({ ok: true, server_time: now() }));
    socket.on("relay_to_hub", ({ packets, first_seq, clock_offset_ms = 0 }: Batch, answer) => {
      const bad = packets.findIndex(({ ts = 0 }) => Math.abs(ts + clock_offset_ms - now()) > hourMs);
      if (bad >= 0) {
        doubts += 1;
        return answer(failure("bad_clock", "not of this hour", { seq: first_seq + bad }));
      }
      for (const index of packets.keys()) rows[first_seq - 1 + index] = first_seq + index;
      return answer({ ok: true, committed_seq: rows.length });
    });
  });
});
afterEach(() => io.close());

it("is asked for the time, and every packet arrives", async () => {
  let sink: PacketSink | undefined;
  const source = {
    robots: [],
    finished: new Promise<void>(() => undefined),
    start: (given: PacketSink) => {
      sink = given;
    },
    execute: async () => ({ status: "acknowledged" as const }),
    stop: async () => undefined,
  };
  const relay = new Relay(
    { source, log: new MemoryLog(), logger: pino({ level: "silent" }) },
    { hubUrl: url, relayId: "relay-1" },
  );
  relay.start();
  await sink?.accept(packetsOf("EP01", 1, 10, { ts: Date.now() }));
  await eventually(() => expect(relay.stats.acknowledged).toBe(10));
  aheadMs = 72 * hourMs;
  await sink?.accept(packetsOf("EP01", 11, 10, { ts: Date.now() }));
  await eventually(() => expect(relay.stats.acknowledged).toBe(20));
  expect([doubts, relay.stats.refused, rows.length]).toEqual([1, 0, 20]);
  await relay.stop();
});
