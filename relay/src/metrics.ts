/** What a relay counts, and how Prometheus reads it. */
import type { Metrics } from "@physical-ai/service";
import type { PacketLog } from "./packet-log/packet-log.ts";
import type { WatchedConnection } from "./uplink/connection.ts";
import type { UplinkStats } from "./uplink/uplink.ts";

/** Counts since the start, in packets. */
export interface RelayStats extends UplinkStats {
  /** Given by the source. */
  produced: number;
  /** Not sent, because they are not what the contract says. */
  invalid: number;
  /** Dropped because the log was full; a `relay_gap` says so. */
  dropped: number;
}

/** The parts that count. */
interface RelayParts {
  relay: { readonly stats: RelayStats; readonly registered: boolean; readonly stalledMs: number };
  log: Pick<PacketLog, "bytes" | "maxBytes">;
  /** Nothing before the start. */
  connection: () => Pick<WatchedConnection, "clockOffsetMs" | "silentMs"> | undefined;
  /** By the status that they were answered with. */
  commands: Readonly<Record<string, number>>;
}

export function describeRelay(metrics: Metrics, { relay, log, connection, commands }: RelayParts): void {
  metrics.counter("packets_produced_total", "Packets given by the source.", () => relay.stats.produced);
  metrics.counter("packets_invalid_total", "Of these, not what the contract says.", () => relay.stats.invalid);
  metrics.counter("packets_dropped_total", "Packets dropped because the log was full.", () => relay.stats.dropped);
  metrics.counter("packets_sent_total", "Packets sent, resends included.", () => relay.stats.sent);
  metrics.counter("packets_resent_total", "Packets sent that had been sent before.", () => relay.stats.resent);
  metrics.counter("packets_acknowledged_total", "Packets committed by the hub.", () => relay.stats.acknowledged);
  metrics.counter("packets_refused_total", "Packets refused by the hub for good.", () => relay.stats.refused);
  metrics.gauge("backlog_packets", "Packets in the log that are not committed.", () => relay.stats.backlog);
  metrics.gauge("in_flight_packets", "Packets that wait for their acknowledgement.", () => relay.stats.inFlight);
  metrics.gauge("log_bytes", "About how large the log is.", () => log.bytes);
  metrics.gauge("log_quota_bytes", "How large the log may become before the oldest go.", () => log.maxBytes);
  metrics.gauge("log_stalled_seconds", "How long the log takes no packets.", () => relay.stalledMs / 1_000);
  metrics.gauge("registered", "1 while the hub has this relay.", () => Number(relay.registered));
  metrics.gauge("hub_silent_seconds", "Since the hub was last heard.", () => (connection()?.silentMs ?? 0) / 1_000);
  metrics.gauge(
    "clock_offset_seconds",
    "What this clock lacks to the hub's.",
    () => (connection()?.clockOffsetMs ?? 0) / 1_000,
  );
  metrics.counterBy(["status"], "commands_total", "Commands answered, by status.", () => Object.entries(commands));
}
