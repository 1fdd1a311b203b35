/** The typed client of the hub. */
import { connectToHub, type HubConnection } from "@physical-ai/unity-protocol/client";
import { Server } from "socket.io";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { type InProcessHub, startInProcessHub } from "../src/in-process-hub.ts";
import { freePort } from "../src/test-stack.ts";

let scene: InProcessHub;
beforeAll(async () => {
  scene = await startInProcessHub(inject("postgresUrl"));
});
afterAll(() => scene.close());

/** What happens at each connect, once more: with its outcome, which the socket does not wait for. */
const connectAgain = async ({ socket }: HubConnection) => socket.listeners("connect")[0]?.();

it.each(["registration", "onRegistered"])("does not swallow what %s throws", async (which) => {
  let mistaken = "";
  const refusals: string[] = [];
  const connection = connectToHub({
    url: scene.url,
    registration() {
      if (mistaken === "registration") throw new Error("a mistake of its owner");
      return { role: "viewer", id: "viewer-1", protocol: 1 };
    },
    onRegistered() {
      if (mistaken === "onRegistered") throw new Error("a mistake of its owner");
    },
    onRefused: ({ message }) => void refusals.push(message),
  });
  await eventually(() => expect(connection.registered).toBe(true));
  mistaken = which;
  await expect(connectAgain(connection)).rejects.toThrow("a mistake of its owner");
  expect(refusals).toEqual([]);
  connection.close();
});

it("does not fall over a hub that dismisses it without saying why", async () => {
  const port = await freePort();
  const hub = new Server(port);
  hub.on("connection", (socket) => socket.emit("dismissed"));
  const refusals: string[] = [];
  const connection = connectToHub({
    url: `http://127.0.0.1:${port}`,
    registration: () => ({ role: "viewer", id: "viewer-1", protocol: 1 }),
    onRegistered: () => undefined,
    onRefused: ({ message }) => void refusals.push(message),
  });
  await eventually(() => expect(refusals).toEqual([expect.stringContaining("the reason of dismissed")]));
  connection.close();
  await hub.close();
});
