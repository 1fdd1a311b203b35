import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createDockerManager } from "@physical-ai/containers";
import type {
  ClientToHubEvents,
  HubToClientEvents,
  Packet,
  RawPacket,
  Registration,
} from "@physical-ai/unity-protocol";
import { Server, type Socket } from "socket.io";
import { expect, onTestFinished, test } from "vitest";
import { directoryOf, policyText, rawPacket, silent } from "../../policy/src/testing/packets.ts";
import { BrainWorker } from "./worker.ts";

type HubSide = Socket<ClientToHubEvents, HubToClientEvents>;

/** As much of a hub as a worker sees: real sockets, and the packets that the test gives it. */
async function openHub() {
  const http = createServer();
  const io = new Server<ClientToHubEvents, HubToClientEvents>(http);
  const registrations: Registration[] = [];
  const predictions: Packet[] = [];
  let worker: HubSide | undefined;
  io.on("connection", (socket) => {
    socket.on("register", (registration, acknowledge) => {
      registrations.push(registration);
      worker = socket;
      acknowledge?.({ ok: true, protocol: 1, server_time: Date.now() });
    });
    socket.on("worker_to_hub", (packet) => predictions.push(packet));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => io.close());
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    registrations,
    predictions,
    /** Hands packets to the worker; resolves when it asks for the next ones. */
    give: (packets: RawPacket[], policy = "pair") =>
      new Promise<void>((resolve, reject) => {
        if (worker === undefined) reject(new Error("no worker has registered"));
        worker?.emit("process_raw", packets, policy, resolve);
      }),
    loseTheWorker: () => worker?.conn.close(),
  };
}

/** However slow the machine is, no packet is late. */
const patient = policyText({ deadline_ms: "deadline_ms: 600000" });

async function openWorker(hubUrl: string, files = { "pair.yaml": patient }) {
  const policiesDir = await directoryOf(files);
  const worker = new BrainWorker(
    { logger: silent, docker: createDockerManager({ logger: silent }) },
    { hubUrl, workerId: "w1", policiesDir, containerUser: "w1" },
  );
  onTestFinished(() => worker.stop());
  return worker;
}

const fresh = (seq: number, val: unknown) => rawPacket(seq, val, { received_at: Date.now() });

test("registers its policies, answers packets, then asks for more", async () => {
  const hub = await openHub();
  const worker = await openWorker(hub.url);
  await worker.start();
  expect(hub.registrations).toEqual([
    { role: "brain_worker", id: "w1", protocol: 1, policies: [{ name: "pair", types: ["pair"], delivery: "every" }] },
  ]);
  await hub.give([fresh(1, [9, 0]), fresh(2, [0, 9])]);
  await hub.give([fresh(3, [-9, 0])]);
  expect(hub.predictions.map(({ val }) => Reflect.get(Object(val), "label"))).toEqual(["a", "b", "c"]);
  expect(worker.stats()).toMatchObject({
    registered: true,
    policies: { pair: { received: 3, predicted: 3, dropped: 0 } },
  });
});

test("asks for more even when it can do nothing with what came", async () => {
  const hub = await openHub();
  const worker = await openWorker(hub.url);
  await worker.start();
  await hub.give([fresh(1, [1, 0])], "unknown-policy");
  await hub.give([Object({ robot_id: 3 })]);
  await hub.give([]);
  await hub.give([fresh(1, "nonsense")]);
  await hub.give([fresh(2, [1, 0])]);
  expect(hub.predictions).toHaveLength(1);
});

test("comes back when the connection is lost in the middle of its work", async () => {
  const hub = await openHub();
  const worker = await openWorker(hub.url);
  await worker.start();
  void hub.give([fresh(1, [1, 0])]);
  hub.loseTheWorker();
  await expect.poll(() => hub.registrations).toHaveLength(2);
  await hub.give([fresh(2, [1, 0])]);
  const { received = 0, predicted = 0, dropped = 0 } = worker.stats().policies["pair"] ?? {};
  expect(predicted).toBe(received);
  expect(hub.predictions.length).toBeGreaterThan(0);
  expect(hub.predictions.length + dropped).toBeLessThanOrEqual(predicted);
});

test("does not start with policies that are wrong", async () => {
  const worker = await openWorker("http://127.0.0.1:1", {
    "pair.yaml": policyText({ deadline_ms: "deadline_ms: -1" }),
  });
  await expect(worker.start()).rejects.toThrow("deadline_ms must be > 0; got -1");
});

test("can be stopped while it waits for a hub", async () => {
  const worker = await openWorker("http://127.0.0.1:1");
  const started = worker.start();
  await worker.stop();
  await started;
  expect(worker.stats().registered).toBe(false);
});
