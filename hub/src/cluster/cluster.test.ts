import type { CommandUpdate, Packet, ViewerFilter } from "@physical-ai/unity-protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ForwardedCommand } from "../commands/command.ts";
import type { HubState } from "../live/live.ts";
import type { HubPacket } from "../packet.ts";
import { type Cluster, ClusterMember, type LocalHub } from "./cluster.ts";
import { type HubChannel, type HubMessage, validateHubMessage } from "./messages.ts";

/** A channel through this process's memory. */
function createBus() {
  const ends = new Set<(message: HubMessage) => void>();
  const sent: HubMessage[] = [];
  const way = { open: true };
  const openChannel = (): HubChannel => {
    let own: ((message: HubMessage) => void) | undefined;
    return {
      publish(message) {
        if (!way.open) return false;
        const validation = validateHubMessage(JSON.parse(JSON.stringify(message)));
        if (!validation.ok) throw new Error(validation.problem);
        sent.push(validation.value);
        for (const hear of ends) if (hear !== own) hear(validation.value);
        return true;
      },
      onMessage(hear) {
        own = hear;
        ends.add(hear);
      },
      dropped: 0,
      close: async () => undefined,
    };
  };
  return { openChannel, sent, way, kinds: () => sent.map(({ kind }) => kind) };
}

const packetOf = (robot_id: string, type = "imu", val: unknown = 1): Packet => ({
  robot_id,
  robot_type: "EP01",
  type,
  val,
});
const received = (packet: Packet): HubPacket => ({
  packet,
  receivedAt: 6,
  streamId: undefined,
  seq: undefined,
  bytes: 100,
  live: true,
});
const commandId = "0b9f6a1e-3c59-4c62-8f0d-7c0f2f9b1a44";
const update: CommandUpdate = { command_id: commandId, robot_id: "r1", action: "stop", sender: "v", status: "sent" };
const command: ForwardedCommand = {
  request: { command_id: commandId, robot_id: "r1", action: "stop", ttl_ms: 100 },
  expires_at: 100,
  sender: "v",
};

let clock: number;
let bus: ReturnType<typeof createBus>;
beforeEach(() => {
  clock = 1_000;
  bus = createBus();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A hub that notes what it hears; `state` is what it tells. */
function startHub(details: Partial<HubState> = {}, newest: Packet[] = []) {
  const cluster = new ClusterMember(bus.openChannel(), () => clock);
  const state = { robots: [], workers: [], viewers: [], ...details };
  const heard: unknown[][] = [];
  const local: LocalHub = {
    state: () => state,
    newest: () => newest.map((packet) => ({ packet, received_at: 1 })),
    onHub: (hubId, told) => void heard.push(["hub", hubId, told === undefined ? "gone" : told.workers.length]),
    onPackets: (packets) => void heard.push(["packets", ...packets.map((one) => [one.packet.val, one.to])]),
    onNewest: (values) => void heard.push(["newest", ...values.map(({ packet }) => packet.val)]),
    onPrediction: (packet) => void heard.push(["prediction", packet.val]),
    onCommand(_command, askedBy) {
      heard.push(["command", askedBy]);
      return undefined;
    },
    onCommandUpdate: (told, again) => void heard.push(["update", told.status, again]),
  };
  cluster.begin(local);
  return { cluster, state, heard, local };
}

const anything: ViewerFilter[] = [{}];
const send = (cluster: Cluster, packets: Packet[], to: Record<number, string[]> = {}) => {
  const all = packets.map(received);
  const forwards = new Map(
    Object.entries(to).flatMap(([place, ids]) => {
      const one = all[Number(place)];
      return one === undefined ? [] : [[one, ids] as const];
    }),
  );
  cluster.packets(all, forwards);
};

describe("the cluster", () => {
  it("lets hubs know each other as soon as one comes", () => {
    const one = startHub({ workers: [{ worker_id: "w", subscriptions: [] }] });
    const two = startHub();
    expect(one.heard[0]).toEqual(["hub", two.cluster.hubId, 0]);
    expect(two.heard[0]).toEqual(["hub", one.cluster.hubId, 1]);
    expect([one, two].map(({ cluster }) => cluster.stats.otherHubs)).toEqual([1, 1]);
  });

  it("takes a hub that stops, or says nothing for too long, for gone", async () => {
    const [one, two, three] = [startHub(), startHub(), startHub()];
    await two.cluster.close();
    expect(one.heard.at(-1)).toEqual(["hub", two.cluster.hubId, "gone"]);
    clock += 3_000;
    one.cluster.tick();
    clock += 3_000;
    one.heard.length = 0;
    one.cluster.tick();
    expect(one.heard).toContainEqual(["hub", three.cluster.hubId, "gone"]);
  });

  it("tells changes together, and soon", () => {
    const { cluster } = startHub();
    bus.sent.length = 0;
    for (let change = 0; change < 10; change++) cluster.changed();
    vi.advanceTimersByTime(100);
    expect(bus.kinds()).toEqual(["state"]);
  });

  it("sends nothing while there is no other hub, and nothing that nobody wants", () => {
    const one = startHub();
    bus.sent.length = 0;
    send(one.cluster, [packetOf("r1")]);
    one.cluster.prediction(packetOf("r1"));
    one.cluster.commandUpdate(update);
    expect(bus.sent).toEqual([]);

    const two = startHub({ viewers: [{ robots: ["r2"], types: ["imu"] }] });
    bus.sent.length = 0;
    send(one.cluster, [packetOf("r1"), packetOf("r2", "battery")]);
    one.cluster.prediction(packetOf("r2"));
    one.cluster.commandUpdate(update);
    expect(bus.sent).toEqual([]);
    send(one.cluster, [packetOf("r1"), packetOf("r2", "imu", 7)]);
    one.cluster.commandUpdate({ ...update, robot_id: "r2" });
    expect(two.heard.slice(-2)).toEqual([
      ["packets", [7, undefined]],
      ["update", "sent", false],
    ]);
  });

  it("sends what workers elsewhere were chosen for, and all of its type to a legacy worker", () => {
    const one = startHub();
    const two = startHub({ workers: [{ worker_id: "old", robot_type: "GO1", subscriptions: [] }] });
    const dog = { ...packetOf("r3", "imu", 3), robot_type: "GO1" };
    send(one.cluster, [packetOf("r1", "imu", 1), packetOf("r2", "imu", 2), dog], { 1: ["h/1", "h/2"] });
    expect(two.heard.at(-1)).toEqual(["packets", [2, ["h/1", "h/2"]], [3, undefined]]);
  });

  it("tells the hub that asked what became of a command, whatever its viewers want", () => {
    const [one, two] = [startHub(), startHub()];
    expect(two.cluster.command(one.cluster.hubId, command)).toBe(true);
    expect(one.heard.at(-1)).toEqual(["command", two.cluster.hubId]);
    one.cluster.commandUpdate(update, two.cluster.hubId);
    expect(two.heard.at(-1)).toEqual(["update", "sent", false]);
  });

  it("answers for a command that is known already, to nobody but the hub that asked", () => {
    const [one, two, three] = [startHub(), startHub({ viewers: anything }), startHub({ viewers: anything })];
    one.local.onCommand = () => ({ ...update, status: "acknowledged" });
    two.cluster.command(one.cluster.hubId, command);
    expect(two.heard.at(-1)).toEqual(["update", "acknowledged", true]);
    expect(three.heard.filter(([kind]) => kind === "update")).toEqual([]);
  });

  it("shows a hub how things stand for what its viewers want for the first time", async () => {
    startHub({}, [packetOf("r1", "imu", 1), packetOf("r2", "imu", 2)]);
    const two = startHub({ viewers: [{ robots: ["r1"] }] });
    const newestOf = () => two.heard.filter(([kind]) => kind === "newest");
    expect(newestOf()).toEqual([["newest", 1]]);
    two.cluster.tick();
    expect(newestOf()).toHaveLength(1);
    two.state.viewers = [{ robots: ["r1"] }, { robots: ["r2"] }];
    two.cluster.tick();
    expect(newestOf()).toEqual([
      ["newest", 1],
      ["newest", 2],
    ]);
  });

  it("says that a command cannot go anywhere while the way is blocked", () => {
    const [one, two] = [startHub(), startHub()];
    bus.way.open = false;
    expect(two.cluster.command(one.cluster.hubId, command)).toBe(false);
  });
});
