import { createMemoryLog } from "./memory-log.ts";
import { packetLogSuite } from "./packet-log.suite.ts";

packetLogSuite("memory log", async (options) => createMemoryLog(options));
