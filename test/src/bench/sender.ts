/** A relay process that sends a number of packets as fast as they are acknowledged, and ends. */
import { MemoryLog, openDiskLog, Relay, type Source } from "@physical-ai/relay";
import { pino } from "pino";
import { benchPacket } from "./packets.ts";

/** `diskFolder`: where its log lies; in memory when missing. */
const [hubUrl = "", token = "", relayId = "", packets = "0", robots = "1", diskFolder] = process.argv.slice(2);
const chunk = 500;
/** More than a relay has under way; all of them made beforehand would be a heap that no relay has. */
const differentPackets = 20_000;

/** Packets are made beforehand: what is measured is the way from the log to the acknowledgement. */
function createBenchSource(): Source {
  const prepared = Array.from({ length: differentPackets }, (_, index) => benchPacket(index, Number(robots)));
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    robots: [],
    finished,
    async start(sink) {
      process.send?.({ ready: true });
      for (let sent = 0; sent < Number(packets); sent += chunk) {
        const from = sent % differentPackets;
        await sink.accept(prepared.slice(from, Math.min(from + chunk, from + Number(packets) - sent)));
        await sink.ready();
      }
      finish();
    },
    execute: async () => ({ status: "failed" }),
    stop: async () => finish(),
  };
}

const logger = pino({ level: "warn" });
const maxBytes = 256 * 1024 * 1024;
const log =
  diskFolder === undefined
    ? new MemoryLog({ maxBytes })
    : await openDiskLog({ logger }, { folder: diskFolder, maxBytes });
const relay = new Relay({ source: createBenchSource(), log, logger }, { hubUrl, token, relayId });
relay.start();
await relay.finished;
await relay.stop();
await log.close();
process.send?.({ done: true });
process.exit(0);
