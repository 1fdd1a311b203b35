/** The hub's counts and levels as metrics: read when Prometheus asks, so that the paths pay nothing. */
import type { CommandRow, PredictionRow, Store } from "@physical-ai/db";
import type { Metrics } from "@physical-ai/service";
import type { RobotStatus } from "@physical-ai/unity-protocol";
import type { Cluster } from "../cluster/cluster.ts";
import type { Commander } from "../commands/commander.ts";
import type { TurnedAway } from "../door/client-limits.ts";
import type { Clients } from "../door/server.ts";
import type { BatchWriter } from "../durable/batch-writer.ts";
import type { BlobStore } from "../durable/blob-store.ts";
import type { GroupCommitter } from "../durable/group-committer.ts";
import type { Ingest } from "../durable/ingest.ts";
import type { ShapeWatch } from "../durable/shapes/shape-watch.ts";
import type { Robots } from "../live/robots.ts";
import type { FanOut } from "../live/viewers.ts";
import type { WorkerPool } from "../live/workers.ts";
import type { CountedExports } from "./exports.ts";

/** The parts that count. */
export interface HubParts {
  ingest: Pick<Ingest, "stats">;
  committer: Pick<GroupCommitter, "stats">;
  blobs: Pick<BlobStore, "stats">;
  store: Pick<Store, "connections">;
  clients: Clients;
  turnedAway: TurnedAway;
  robots: Pick<Robots<unknown>, "statuses">;
  pool: Pick<WorkerPool, "stats">;
  fanOut: Pick<FanOut, "stats">;
  predictionWriter: Pick<BatchWriter<PredictionRow>, "stats">;
  commandWriter: Pick<BatchWriter<CommandRow>, "stats">;
  commander: Pick<Commander, "stats">;
  cluster: Pick<Cluster, "stats">;
  shapes: Pick<ShapeWatch, "found">;
  exports: CountedExports;
}

/** Adds all of them. */
export function describeHub(metrics: Metrics, parts: HubParts): void {
  describeIngest(metrics, parts);
  describeClients(metrics, parts);
  describeLivePath(metrics, parts);
  describePredictionsAndCommands(metrics, parts);
  describeDatabase(metrics, parts);
}

function describeIngest(metrics: Metrics, { ingest, committer, blobs, shapes, clients }: HubParts): void {
  metrics.counter(
    "packets_received_total",
    "Packets taken in; those that came again are not counted again.",
    () => ingest.stats.packets,
  );
  metrics.counter("rows_committed_total", "Rows of telemetry committed.", () => committer.stats.committedRows);
  metrics.counter("commit_retries_total", "Attempts to commit that failed.", () => committer.stats.retries);
  metrics.gauge("waiting_rows", "Rows that wait or are being committed.", () => committer.stats.waitingRows);
  metrics.gauge("waiting_bytes", "Their size, about.", () => committer.stats.waitingBytes);
  metrics.gauge("streams", "Relays' numbered streams that have sent packets.", () => ingest.stats.streams);
  metrics.counterBy(["code"], "messages_refused_total", "Messages answered with a failure, by its code.", () =>
    Object.entries(clients.refusals),
  );
  metrics.counter("blobs_written_total", "Files of binary out of packets.", () => blobs.stats.files);
  metrics.counter("blob_written_bytes_total", "Their size.", () => blobs.stats.bytes);
  metrics.counter("payload_changes_total", "Changes of a payload's shape found by this hub.", () => shapes.found);
}

function describeClients(metrics: Metrics, { clients, turnedAway, robots }: HubParts): void {
  metrics.gaugeBy(["role"], "clients", "Clients that are registered here, by role.", () =>
    Object.entries(clients.present),
  );
  metrics.counterBy(
    ["reason"],
    "connections_turned_away_total",
    "Connections not accepted, or closed by the hub, by what was the matter.",
    () => Object.entries(turnedAway.counts),
  );
  metrics.gaugeBy(["status"], "robots", "Robots of all hubs, as this one knows them, by status.", () =>
    Object.entries(countStatuses(robots.statuses())),
  );
}

function countStatuses(statuses: Iterable<RobotStatus>): Record<RobotStatus["status"], number> {
  const counts = { online: 0, silent: 0, offline: 0 };
  for (const { status } of statuses) counts[status]++;
  return counts;
}

function describeLivePath(metrics: Metrics, { fanOut, pool, cluster }: HubParts): void {
  metrics.counter(
    "viewer_drops_total",
    "Events and values dropped because a viewer did not keep up. Values replaced by newer ones are not counted.",
    () => fanOut.stats.dropped,
  );
  metrics.gauge("worker_waiting_packets", "Packets that wait for busy policies.", () => pool.stats.waiting);
  metrics.gauge("worker_waiting_seconds", "How long the oldest of them has waited.", () => pool.stats.oldestMs / 1_000);
  metrics.counter(
    "worker_skipped_packets_total",
    "Packets that policies did not get: replaced by newer ones, too many, or too old.",
    () => pool.stats.dropped,
  );
  metrics.gauge("worker_hanging_policies", "Policies that do not ask for more packets.", () => pool.stats.hanging);
  metrics.gauge("other_hubs", "Other hubs that this one hears.", () => cluster.stats.otherHubs);
  metrics.counter(
    "cluster_drops_total",
    "Messages to other hubs that Redis did not take.",
    () => cluster.stats.dropped,
  );
}

function describePredictionsAndCommands(
  metrics: Metrics,
  { predictionWriter, commandWriter, commander }: HubParts,
): void {
  const byTable = (count: "waiting" | "written" | "lost") => () =>
    Object.entries({ predictions: predictionWriter.stats[count], commands: commandWriter.stats[count] });
  metrics.gaugeBy(
    ["table"],
    "writer_waiting_rows",
    "Rows of predictions and commands not yet written.",
    byTable("waiting"),
  );
  metrics.counterBy(["table"], "writer_rows_total", "Rows of predictions and commands written.", byTable("written"));
  metrics.counterBy(["table"], "writer_lost_rows_total", "Rows of predictions and commands given up.", byTable("lost"));
  metrics.counterBy(["status"], "commands_total", "Commands that reached a status here.", () => {
    const { underWay: _, ...statuses } = commander.stats;
    return Object.entries(statuses);
  });
  metrics.gauge("commands_under_way", "Commands that wait for an answer.", () => commander.stats.underWay);
}

function describeDatabase(metrics: Metrics, { store, exports }: HubParts): void {
  metrics.gaugeBy(["state"], "database_connections", "Connections of the pool.", () => {
    const { open, idle } = store.connections;
    return Object.entries({ idle, busy: open - idle });
  });
  metrics.gauge("database_waiting", "Who waits for a connection of the pool.", () => store.connections.waiting);
  metrics.gauge("exports_under_way", "Exports over HTTP under way.", () => exports.underWay);
}
