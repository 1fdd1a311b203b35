/** The hub: wires its paths together, listens, and stops without losing what it accepted. */
import type { AddressInfo } from "node:net";
import type { Store } from "@physical-ai/db";
import type { OpenExport } from "@physical-ai/export";
import { createMetrics, Registry } from "@physical-ai/service";
import type { PayloadSchemaChange } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { alone, ClusterMember, type ClusterStats } from "./cluster/cluster.ts";
import { createLocalHub } from "./cluster/local-hub.ts";
import { RedisChannel } from "./cluster/redis.ts";
import { type CommanderStats, createCommandPath } from "./commands/commander.ts";
import { type AccessOptions, checkExposure, createAccess } from "./door/access/access.ts";
import { createOpenClient } from "./door/client.ts";
import { type ClientLimits, defaultClientLimits, TurnedAway } from "./door/client-limits.ts";
import { attendClients, ConnectionGuard, createSocketServer } from "./door/server.ts";
import { createDurablePath } from "./durable/durable.ts";
import { createIngest } from "./durable/ingest.ts";
import { DatabaseOutage } from "./durable/outage.ts";
import { CountedExports } from "./http/exports.ts";
import { createHttp } from "./http/http.ts";
import { describeHub } from "./http/metrics.ts";
import { createOpenLegacyClient } from "./legacy/clients.ts";
import { LegacyWorkers, matchOldest } from "./legacy/workers.ts";
import { createLivePath } from "./live/live.ts";
import { createPredictions } from "./live/predictions.ts";
import type { WorkerPoolStats } from "./live/workers.ts";
import { createObservations } from "./observations.ts";

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
const tickMs = 1_000;
const partitionsMs = 3_600_000;

/** Whoever opened the store closes it, after the hub. */
export function createHub(dependencies: HubDependencies, options: HubOptions): Hub {
  const { io, http, outage, cluster, localHub, live, durable, ingest, commander } = createParts(dependencies, options);
  const { fanOut, pool } = live;
  const connections = new ConnectionGuard(http.server, maxUnreadBytes);
  const timers: NodeJS.Timeout[] = [];

  return {
    async listen() {
      checkExposure(options.host, options.access);
      await http.ready();
      io.attach(http.server);
      await http.listen({ host: options.host, port: options.port });
      cluster.begin(localHub);
      timers.push(
        setInterval(() => {
          for (const part of [connections, live, cluster, commander, durable.shapes]) part.tick();
        }, tickMs),
        setInterval(() => {
          dependencies.store.makePartitionsAhead().catch((error) => outage.failed(error));
        }, partitionsMs),
      );
      return addressOf(http.server.address(), options.host);
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      // The connections alone: a Socket.IO goodbye would tell clients not to come back.
      io.engine.close();
      const [written] = await Promise.all([durable.close(), cluster.close()]);
      // First: Socket.IO would wait for every HTTP connection that an answer has just kept alive.
      await http.close();
      await io.close();
      return written;
    },
    get stats() {
      return {
        packets: ingest.stats.packets,
        waitingRows: durable.committer.stats.waitingRows,
        workers: pool.stats,
        viewers: fanOut.stats,
        predictions: durable.predictionWriter.stats,
        commands: commander.stats,
        cluster: cluster.stats,
      };
    },
  };
}

/** From packets to the live and to the durable path, and from predictions to commands; around them, who may come in. */
function createParts(dependencies: HubDependencies, options: HubOptions) {
  const { store, openExport, logger, registry = new Registry() } = dependencies;
  const { blobFolder, redisUrl, maxLiveAgeMs = 5_000 } = options;
  const limits = { ...defaultClientLimits, ...options.limits };
  const metrics = createMetrics(registry, "hub_");
  const observe = createObservations(metrics);
  const access = createAccess(options.access);
  const turnedAway = new TurnedAway();
  const outage = new DatabaseOutage(logger);
  const exports = new CountedExports(openExport);
  const io = createSocketServer(options.access, turnedAway, logger);

  const cluster = redisUrl === undefined ? alone : new ClusterMember(new RedisChannel(io, redisUrl, logger));
  const legacyWorkers = new LegacyWorkers();
  const live = createLivePath({ hubs: cluster, unrouted: legacyWorkers }, { maxLiveAgeMs });
  const onShapeChange = (change: PayloadSchemaChange) => live.fanOut.payloadSchema(change);
  const durable = createDurablePath({ store, logger, outage, observe, onShapeChange }, { blobFolder });
  const { committer, predictionWriter, commandWriter, shapes } = durable;
  const ingest = createIngest({ store, committer, shapes, live, observe }, { maxLiveAgeMs });
  const commands = createCommandPath({
    robots: live.robots,
    forward: (hubId, command) => cluster.command(hubId, command),
    audience: live.everyViewer,
    writer: commandWriter,
    matchUnnamed: matchOldest,
  });
  const { commander } = commands;
  const localHub = createLocalHub({ live, commander, maxLiveAgeMs });
  const predictions = createPredictions({ fanOut: live.everyViewer, writer: predictionWriter, commander, observe });

  const snapshot = () => ({ ...live.snapshot(), schemaChanges: shapes.changes() });
  const paths = { ...live, ...commands, ingest, predictions, snapshot, limits };
  const openClient = createOpenClient(paths, createOpenLegacyClient({ ...paths, legacyWorkers }));
  const clients = attendClients({
    io,
    access,
    openClient,
    onChange: () => cluster.changed(),
    turnedAway,
    outage,
    limits,
    logger,
  });
  const http = createHttp({
    access,
    checkReady: () => store.ping(),
    listRobots: () => live.robots.list(),
    listWorkers: () => live.pool.list(),
    listSchemas: () => store.listPayloadSchemas(),
    blobFolder,
    exports,
    logger,
    registry,
  });
  describeHub(metrics, { ...live, ...durable, cluster, commander, ingest, store, clients, turnedAway, exports });
  return { io, http, outage, cluster, localHub, live, durable, ingest, commander };
}

function addressOf(address: AddressInfo | string | null, host: string): string {
  if (typeof address !== "object" || address === null) throw new Error("the hub does not listen");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
