/** The live path: who is here and what they see now. It is bounded and may skip, and never waits for the database. */
import type { RobotStatus } from "@physical-ai/unity-protocol";
import type { Cluster } from "../cluster/cluster.ts";
import { createLocalHub } from "../cluster/local-hub.ts";
import type { Commander } from "../commands/commander.ts";
import type { CommandAudience, RelayLink } from "../commands/links.ts";
import type { HubPacket } from "../packet.ts";
import { createRobots, type Robots } from "./robots/robots.ts";
import { createFanOut, type FanOut, type Snapshot } from "./viewers/fan-out.ts";
import { createWorkerPool, type WorkerPool } from "./workers/worker-pool.ts";

/** What is live: robots, the workers for them, and the viewers of them. */
export interface LivePath {
  robots: Robots<RelayLink>;
  pool: WorkerPool;
  /** To the viewers of this hub. */
  fanOut: FanOut;
  /** To the viewers of every hub. */
  everyViewer: Pick<FanOut, "prediction"> & CommandAudience;
  cluster: Cluster;
  /** Gives packets that are live to workers, viewers and other hubs. */
  take(received: readonly HubPacket[]): void;
  /** What a new viewer is shown first. */
  snapshot(): Pick<Snapshot, "statuses" | "packets">;
  /** Begins to talk with other hubs. */
  begin(commander: Commander): void;
  /** To be called about every second. */
  tick(): void;
}

/** Makes the live path of a hub of this cluster. Whoever made the cluster closes it. */
export function createLivePath(cluster: Cluster, { maxLiveAgeMs }: { maxLiveAgeMs: number }): LivePath {
  const fanOut = createFanOut();
  const onStatus = (status: RobotStatus) => {
    fanOut.robotStatus(status);
    cluster.changed();
  };
  const robots = createRobots<RelayLink>(onStatus);
  const pool = createWorkerPool({ maxAgeMs: maxLiveAgeMs, hubId: cluster.hubId, onStatus });

  return {
    robots,
    pool,
    fanOut,
    everyViewer: toEveryViewer(fanOut, cluster),
    cluster,
    take(received) {
      const live = received.filter((one) => one.live);
      cluster.packets(live, pool.route(live));
      for (const { packet, receivedAt } of live) {
        robots.remember(packet, receivedAt);
        fanOut.telemetry(packet);
      }
    },
    snapshot: () => ({
      statuses: [...robots.statuses(), ...pool.list().map(({ worker_id }) => workerOnline(worker_id))],
      packets: robots.snapshot(),
    }),
    begin: (commander) => cluster.begin(createLocalHub({ robots, pool, fanOut, commander, maxLiveAgeMs })),
    tick() {
      robots.tick();
      pool.tick();
      cluster.tick();
    },
  };
}

/** To this hub's own first. */
function toEveryViewer(fanOut: FanOut, cluster: Cluster): LivePath["everyViewer"] {
  return {
    prediction(packet) {
      fanOut.prediction(packet);
      cluster.prediction(packet);
    },
    commandUpdate(update, askedBy) {
      fanOut.commandUpdate(update);
      cluster.commandUpdate(update, askedBy);
    },
  };
}

function workerOnline(id: string): RobotStatus {
  return { kind: "brain_worker", id, status: "online", at: Date.now() };
}
