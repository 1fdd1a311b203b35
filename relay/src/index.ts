/** The relay for programs: tests and the launcher start one in their own process. */
export { type FsyncPolicy, groupFsync } from "./buffer/disk/fsync-policy.ts";
export { defaultKeptTypes, keptTypes } from "./buffer/disk/kept-types.ts";
export { type DiskLogOptions, openDiskLog } from "./buffer/disk-log.ts";
export { createMemoryLog, type MemoryLogOptions } from "./buffer/memory-log.ts";
export type { PacketLog, PacketRun, ReadLimit, Resumption } from "./buffer/packet-log.ts";
export { createRelay, type Relay, type RelayDependencies, type RelayOptions, type RelayStats } from "./relay.ts";
export type { ColumnMapping, VectorColumns } from "./sources/replay/columns.ts";
export type { Format } from "./sources/replay/format.ts";
export type { Pace } from "./sources/replay/pace.ts";
export {
  createReplaySource,
  type ReplayOptions,
  type ReplayProgress,
  type ReplaySource,
} from "./sources/replay/replay-source.ts";
export {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  type SimulatorState,
} from "./sources/simulator/simulator.ts";
export { createSimulatorSource, type SimulatorSourceOptions } from "./sources/simulator/simulator-source.ts";
export type { PacketSink, RobotIdentity, Source } from "./sources/source.ts";
export type { UplinkOptions } from "./uplink/uplink.ts";
