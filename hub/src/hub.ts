/** The hub: wires its paths together, listens, and stops without losing what it accepted. */
import type { AddressInfo } from "node:net";
import type { OpenExport, Store } from "@physical-ai/db";
import { createMetrics, Registry } from "@physical-ai/service";
import { failure, type RobotStatus } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { Server } from "socket.io";
import { type AccessOptions, checkExposure, createAccess } from "./access/access.ts";
import { attendClients, type OpenClient } from "./clients/clients.ts";
import { guardConnections } from "./clients/connection-guard.ts";
import { type ClientLimits, defaultClientLimits } from "./clients/limits.ts";
import { pageRules } from "./clients/page-rules.ts";
import { boundedParser, maxFrameBytes } from "./clients/parser.ts";
import { createRelayClient } from "./clients/relay-client.ts";
import { createRelays } from "./clients/relays.ts";
import type { HubServer } from "./clients/socket.ts";
import { createTurnedAway } from "./clients/turned-away.ts";
import { createViewerClient } from "./clients/viewer-client.ts";
import { createWorkerClient } from "./clients/worker-client.ts";
import { type ClusterStats, createAlone, createCluster } from "./cluster/cluster.ts";
import { createLocalHub } from "./cluster/local-hub.ts";
import { openRedisChannel } from "./cluster/redis-channel.ts";
import { createSharedFanOut } from "./cluster/shared-fan-out.ts";
import { type CommanderStats, createCommander } from "./commands/commander.ts";
import { createEncoders } from "./commands/encoders.ts";
import type { RelayLink } from "./commands/links.ts";
import { createDatabaseOutage } from "./database-outage.ts";
import { countExports } from "./exports/counted-exports.ts";
import { createHttp } from "./http/http.ts";
import { createBlobStore } from "./ingest/blob-store.ts";
import { createGroupCommitter } from "./ingest/group-committer.ts";
import { createIngest, type ReceivedPacket } from "./ingest/ingest.ts";
import { describeHub } from "./metrics/describe-hub.ts";
import { createObservations } from "./metrics/observations.ts";
import { createPredictions } from "./predictions/predictions.ts";
import { createRobots } from "./robots/robots.ts";
import { createShapeWatch } from "./shapes/shape-watch.ts";
import { createFanOut } from "./viewers/fan-out.ts";
import { within } from "./within.ts";
import { createWorkerPool, type WorkerPoolStats } from "./workers/worker-pool.ts";
import { createCommandWriter, createPredictionWriter } from "./writers.ts";

/** What a hub works with. */
export interface HubDependencies {
  store: Store;
  openExport: OpenExport;
  logger: Logger;
  /** Gets the hub's metrics; one of its own when missing. */
  registry?: Registry;
}

/** What the operator decides. */
export interface HubOptions {
  host: string;
  /** 0 for any free one. */
  port: number;
  access: AccessOptions;
  /** Where binary out of packets goes. */
  blobFolder: string;
  /** Where hubs on the same database meet; a hub without it is alone. */
  redisUrl?: string | undefined;
  /** Packets that are older are stored, but not pushed to workers and viewers. */
  maxLiveAgeMs?: number;
  limits?: Partial<ClientLimits>;
}

/** A hub. */
export interface Hub {
  /**
   * Listens.
   *
   * @returns the address: `http://host:port`
   * @throws when the address is taken, or open to a network without access control
   */
  listen(): Promise<string>;
  /**
   * Takes nothing new, writes what it has, lets everyone go; all of that within about 8 s.
   *
   * @returns false when the database did not take everything: relays send their part again, the rest is lost
   */
  close(): Promise<boolean>;
  readonly stats: HubStats;
}

/** Counts since the start, and what waits now. */
export interface HubStats {
  packets: number;
  waitingRows: number;
  workers: WorkerPoolStats;
  viewers: { viewers: number; dropped: number };
  predictions: { waiting: number; written: number; lost: number };
  commands: CommanderStats;
  cluster: ClusterStats;
}

const maxUnreadBytes = 32_000_000;
const closePatienceMs = 5_000;
/** For a database that neither takes nor refuses what it is given. */
const frozenPatienceMs = 7_000;
const tickMs = 1_000;
const partitionsMs = 3_600_000;

/** Makes a hub on a store. Whoever opened the store closes it, after the hub. */
export function createHub(dependencies: HubDependencies, options: HubOptions): Hub {
  const { store, openExport, logger, registry = new Registry() } = dependencies;
  const { maxLiveAgeMs = 5_000 } = options;
  const limits = { ...defaultClientLimits, ...options.limits };
  const access = createAccess(options.access);
  const metrics = createMetrics(registry, "hub_");
  const observe = createObservations(metrics);
  const turnedAway = createTurnedAway();
  const io: HubServer = new Server({
    maxHttpBufferSize: maxFrameBytes,
    parser: boundedParser,
    ...pageRules(options.access, turnedAway, logger),
  });
  const { redisUrl } = options;
  const cluster = redisUrl === undefined ? createAlone() : createCluster(openRedisChannel(io, redisUrl, logger));
  const fanOut = createFanOut();
  const onStatus = (status: RobotStatus) => {
    fanOut.robotStatus(status);
    cluster.changed();
  };
  const robots = createRobots<RelayLink>(onStatus);
  const pool = createWorkerPool({ maxAgeMs: maxLiveAgeMs, hubId: cluster.hubId, onStatus });
  const blobs = createBlobStore(options.blobFolder);
  const outage = createDatabaseOutage(logger);
  const committer = createGroupCommitter({ store, blobs, outage, observe });
  const shapes = createShapeWatch({ store, logger, outage, onChange: (change) => fanOut.payloadSchema(change) });
  let packets = 0;
  const isLive = ({ receivedAt, createdAt }: ReceivedPacket) => receivedAt - createdAt <= maxLiveAgeMs;

  const ingest = createIngest({
    store,
    committer,
    observe,
    onReceived(received) {
      packets += received.length;
      shapes.look(received);
      const live = received.filter(isLive);
      cluster.packets(live, pool.route(live));
      for (const { packet, receivedAt } of live) {
        robots.remember(packet, receivedAt);
        fanOut.telemetry(packet);
      }
    },
  });
  const predictionWriter = createPredictionWriter(store, { logger, outage });
  const commandWriter = createCommandWriter(store, { logger, outage });
  const everyViewer = createSharedFanOut(fanOut, cluster);
  const relays = createRelays();
  const encoders = createEncoders();
  const commander = createCommander({
    routes: {
      findRelay: (robotId) => robots.relayOf(robotId),
      findRelayNamed: (relayId) => relays.named(relayId),
      findEncoder: (robotId, robotType, takesCommands) =>
        encoders.find(robotId, robots.typeOf(robotId) ?? robotType, takesCommands),
    },
    findHub(id) {
      const hubId = robots.hubOf(id);
      return hubId === undefined ? undefined : { send: (command) => cluster.command(hubId, command) };
    },
    audience: everyViewer,
    writer: commandWriter,
  });
  const predictions = createPredictions({ fanOut: everyViewer, writer: predictionWriter, commander, observe });

  const exports = countExports(openExport);
  const http = createHttp({
    access,
    checkReady: () => store.ping(),
    listRobots: () => robots.list(),
    listWorkers: () => pool.list(),
    listSchemas: () => store.listPayloadSchemas(),
    blobFolder: options.blobFolder,
    exports,
    logger,
    registry,
  });
  const snapshot = () => ({
    statuses: [...robots.statuses(), ...pool.list().map(({ worker_id }) => workerOnline(worker_id))],
    packets: robots.snapshot(),
    schemaChanges: shapes.changes(),
  });
  const openClient: OpenClient = (socket, registration, sender) => {
    switch (registration.role) {
      case "relay":
        return createRelayClient({ ingest, robots, relays, isLive }, socket, registration);
      case "brain_worker":
        return createWorkerClient({ ingest, pool, predictions, encoders, commander }, socket, registration);
      case "viewer":
        return createViewerClient({ fanOut, commander, snapshot, limits }, socket, registration, sender);
      default:
        return failure("invalid_message", "unknown role");
    }
  };
  const onChange = () => cluster.changed();
  const clients = attendClients({ io, access, openClient, onChange, turnedAway, outage, limits, logger });
  describeHub(metrics, {
    packets: () => packets,
    ingest,
    committer,
    blobs,
    store,
    clients,
    turnedAway,
    robots,
    pool,
    fanOut,
    predictionWriter,
    commandWriter,
    commander,
    cluster,
    shapes,
    exports,
  });
  const writers = [committer, predictionWriter, commandWriter];
  const connections = guardConnections(http.server, maxUnreadBytes);
  const timers: NodeJS.Timeout[] = [];

  return {
    async listen() {
      checkExposure(options.host, options.access);
      await http.ready();
      io.attach(http.server);
      await http.listen({ host: options.host, port: options.port });
      cluster.begin(createLocalHub({ robots, pool, fanOut, commander, maxLiveAgeMs }));
      timers.push(
        setInterval(() => {
          connections.tick();
          robots.tick();
          pool.tick();
          commander.tick();
          cluster.tick();
          shapes.tick();
        }, tickMs),
        setInterval(() => {
          store.makePartitionsAhead().catch(outage.failed);
        }, partitionsMs),
      );
      return addressOf(http.server.address(), options.host);
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      // The connections alone: a Socket.IO goodbye would tell clients not to come back.
      io.engine.close();
      const [written] = await Promise.all([
        within(frozenPatienceMs, Promise.all(writers.map((writer) => writer.close(closePatienceMs)))),
        cluster.close(),
        within(frozenPatienceMs, shapes.close()),
      ]);
      // First: Socket.IO would wait for every HTTP connection that an answer has just kept alive.
      await http.close();
      await io.close();
      return written?.every(Boolean) ?? false;
    },
    get stats() {
      return {
        packets,
        waitingRows: committer.stats.waitingRows,
        workers: pool.stats,
        viewers: fanOut.stats,
        predictions: predictionWriter.stats,
        commands: commander.stats,
        cluster: cluster.stats,
      };
    },
  };
}

function workerOnline(id: string): RobotStatus {
  return { kind: "brain_worker", id, status: "online", at: Date.now() };
}

function addressOf(address: AddressInfo | string | null, host: string): string {
  if (typeof address !== "object" || address === null) throw new Error("the hub does not listen");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
