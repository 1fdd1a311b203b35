import type { Packet } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { alone } from "../cluster/cluster.ts";
import { Encoders } from "../commands/robot-bytes.ts";
import { createLivePath } from "../live/live.ts";
import type { HubPacket } from "../packet.ts";
import { LegacyRelayLink } from "./clients.ts";
import { LegacyWorkers } from "./workers.ts";

function received(seq: number, details: Partial<Packet> = {}): HubPacket {
  const packet = { robot_id: "r1", robot_type: "EP01", type: "imu", val: seq, ...details };
  return { packet, receivedAt: seq, streamId: "s", seq, bytes: 100, live: true };
}

describe("a legacy worker", () => {
  function createScene() {
    const workers = new LegacyWorkers();
    const live = createLivePath({ hubs: alone, unrouted: workers }, { maxLiveAgeMs: 5_000 });
    const got: Packet[] = [];
    const leave = workers.add({ workerId: "w", robotType: "EP01", send: (packet) => void got.push(packet) });
    return { workers, live, got, leave };
  }

  it("is sent every packet of its robot type, as the relay sent it", () => {
    const { live, got, leave } = createScene();
    const sent = received(1, { type: "battery" });
    live.take([sent, received(2, { robot_type: "GO1" })]);
    leave();
    live.take([received(3)]);
    expect(got).toEqual([sent.packet]);
    expect(got[0]).toBe(sent.packet);
  });

  it("gets what other hubs took in as well", () => {
    const { live, got } = createScene();
    live.deliver([
      { ...received(1), to: ["gone/1"] },
      { ...received(2), to: [] },
    ]);
    expect(got).toHaveLength(2);
  });
});

describe("who makes the bytes of a robot's commands", () => {
  const relay = { relayId: "pi", busy: false, send: async () => undefined, findEncoder: () => undefined };
  const send = () => undefined;

  /** As a delivery asks: first who offers to, then whom the relay knows. */
  function createScene() {
    const encoders = new Encoders();
    const workers = new LegacyWorkers();
    const find = (link: Pick<LegacyRelayLink, "findEncoder">) =>
      encoders.find("r1", "EP01") ?? link.findEncoder("r1", "EP01");
    return { encoders, workers, legacyRelay: new LegacyRelayLink(relay, workers), find };
  }

  it("is a legacy worker only where the relay takes nothing but bytes, and nobody says so", () => {
    const { encoders, workers, legacyRelay, find } = createScene();
    workers.add({ workerId: "old", robotType: "EP01", send, encode: send });
    expect(find(relay)).toBeUndefined();
    expect(find(legacyRelay)).toMatchObject({ workerId: "old" });
    encoders.add({ workerId: "new", robotTypes: ["EP01"], send });
    expect(find(legacyRelay)).toMatchObject({ workerId: "new" });
  });
});
