import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connectToHub } from "@physical-ai/unity-protocol/client";
import { Server } from "socket.io";
import { expect, it } from "vitest";
import { eventually } from "../src/eventually.ts";

const dayMs = 86_400_000;

it("is set by a quick answer, not by a registration that waited for the database", async () => {
  const http = createServer();
  const io = new Server(http);
  io.on("connection", (socket) => {
    socket.on("clock", (answer) => answer({ ok: true, server_time: Date.now() + dayMs }));
    socket.on("register", async (_, answer) => {
      await sleep(500);
      answer({ ok: true, protocol: 1, server_time: Date.now() + 3 * dayMs });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  let offsetMs: number | undefined;
  const connection = connectToHub({
    url: `http://127.0.0.1:${port}`,
    registration: () => ({ role: "viewer", id: "viewer-1", protocol: 1 }),
    onRegistered: () => {
      offsetMs = connection.clock.offsetMs;
    },
  });
  await eventually(() => expect(offsetMs).toBeDefined());
  expect(offsetMs).toBeLessThan(2 * dayMs);
  expect(offsetMs).toBeGreaterThan(0);
  connection.close();
  await io.close();
});
