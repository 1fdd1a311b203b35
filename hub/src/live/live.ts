/** The live path: who is here and what they see now. It is bounded and may skip, and never waits for the database. */
import type { CommandUpdate, Packet, RobotStatus, ViewerFilter } from "@physical-ai/unity-protocol";
import type { CommandAudience } from "../commands/audit.ts";
import type { RelayLink } from "../commands/delivery.ts";
import type { HubPacket } from "../packet.ts";
import type { NewestValue } from "./newest-values.ts";
import { type RemoteRobot, Robots } from "./robots.ts";
import { FanOut, type Snapshot } from "./viewers.ts";
import { type AddressedPacket, type Forwards, type RemoteWorker, WorkerPool } from "./workers.ts";

/** What other hubs must know of one to route by themselves. */
export interface HubState {
  robots: RemoteRobot[];
  workers: RemoteWorker[];
  /** A packet that none of these lets through is wanted by no viewer of the hub. */
  viewers: ViewerFilter[];
}

/** What the live path tells other hubs. Nothing here waits or throws. */
export interface OtherHubs {
  /** How the others name this hub. */
  readonly hubId: string;
  /** Packets that this hub took in and that are live, and which of them workers of other hubs get. */
  packets(received: readonly HubPacket[], forwards: Forwards): void;
  prediction(packet: Packet): void;
  /** `askedBy`: the hub that forwarded the command. */
  commandUpdate(update: CommandUpdate, askedBy?: string): void;
  /** Something that the others must know has changed. */
  changed(): void;
}

/** Workers that chose no policies, and get every packet of theirs past the routes. */
export interface UnroutedWorkers {
  give(packet: Packet): void;
  /** For other hubs. */
  here(): RemoteWorker[];
}

/** Robots, the workers for them, and the viewers of them. */
export interface LivePath {
  robots: Robots<RelayLink>;
  pool: WorkerPool;
  /** To the viewers of this hub. */
  fanOut: FanOut;
  /** To the viewers of every hub. */
  everyViewer: Pick<FanOut, "prediction"> & CommandAudience;
  /** Gives packets that this hub took in and that are live to workers, viewers and other hubs. */
  take(received: readonly HubPacket[]): void;
  /** Gives packets that another hub took in, and that are live, to workers and viewers. */
  deliver(packets: readonly AddressedPacket[]): void;
  /** Shows what another hub remembers, unless something newer is known. */
  recall(values: readonly NewestValue[]): void;
  /** How another hub stands; `undefined`: it is gone. */
  setHub(hubId: string, state: HubState | undefined): void;
  state(): HubState;
  /** What a new viewer is shown first. */
  snapshot(): Pick<Snapshot, "statuses" | "packets">;
  /** To be called about every second. */
  tick(): void;
}

interface LivePathDependencies {
  hubs: OtherHubs;
  unrouted: UnroutedWorkers;
}

export function createLivePath(
  { hubs, unrouted }: LivePathDependencies,
  { maxLiveAgeMs }: { maxLiveAgeMs: number },
): LivePath {
  const fanOut = new FanOut();
  const onStatus = (status: RobotStatus) => {
    fanOut.robotStatus(status);
    hubs.changed();
  };
  const robots = new Robots<RelayLink>(onStatus);
  const pool = new WorkerPool({ maxAgeMs: maxLiveAgeMs, hubId: hubs.hubId, onStatus });

  function show(packets: readonly HubPacket[], here: boolean): void {
    for (const one of packets) {
      unrouted.give(one.packet);
      robots.remember(one, here);
      fanOut.telemetry(one.packet, one.bytes);
    }
  }

  return {
    robots,
    pool,
    fanOut,
    everyViewer: toEveryViewer(fanOut, hubs),
    take(received) {
      const live = received.filter((one) => one.live);
      hubs.packets(live, pool.route(live));
      show(live, true);
    },
    deliver(packets) {
      pool.deliver(packets);
      show(packets, false);
    },
    recall(values) {
      for (const value of values) {
        const stamped = { ...value.packet, received_at: value.received_at };
        if (robots.recall(value)) fanOut.telemetry(stamped);
      }
    },
    setHub(hubId, state) {
      robots.setElsewhere(hubId, state?.robots ?? []);
      pool.setElsewhere(hubId, state?.workers ?? []);
    },
    state: () => ({ robots: robots.here(), workers: [...pool.here(), ...unrouted.here()], viewers: fanOut.filters() }),
    snapshot: () => ({
      statuses: [...robots.statuses(), ...pool.list().map(({ worker_id }) => workerOnline(worker_id))],
      packets: robots.snapshot(),
    }),
    tick() {
      robots.tick();
      pool.tick();
    },
  };
}

/** To this hub's own first. */
function toEveryViewer(fanOut: FanOut, hubs: OtherHubs): LivePath["everyViewer"] {
  return {
    prediction(packet) {
      fanOut.prediction(packet);
      hubs.prediction(packet);
    },
    commandUpdate(update, askedBy) {
      fanOut.commandUpdate(update);
      hubs.commandUpdate(update, askedBy);
    },
  };
}

function workerOnline(id: string): RobotStatus {
  return { kind: "brain_worker", id, status: "online", at: Date.now() };
}
