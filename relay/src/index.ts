/** The relay for programs: tests and the launcher start one in their own process. */
export { openDiskLog } from "./packet-log/disk-log.ts";
export { MemoryLog } from "./packet-log/memory-log.ts";
export { Relay } from "./relay.ts";
export { Simulator } from "./sources/simulator/simulator.ts";
export type { PacketSink, RobotIdentity, Source } from "./sources/source.ts";
