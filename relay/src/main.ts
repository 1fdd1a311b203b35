/** Runs a relay from the command line: only wiring. */
import { CommanderError } from "@commander-js/extra-typings";
import {
  createLogger,
  type Health,
  openStatusServer,
  processRegistry,
  Registry,
  stopRequested,
} from "@physical-ai/service";
import { messageOf } from "@physical-ai/service/errors";
import type { Logger } from "pino";
import { type BufferConfig, type RelayConfig, runCommandLine } from "./config.ts";
import type { RelayStats } from "./metrics.ts";
import { openDiskLog } from "./packet-log/disk-log.ts";
import { MemoryLog } from "./packet-log/memory-log.ts";
import { Relay } from "./relay.ts";
import { printRecording } from "./sources/replay/print.ts";

/** A disk that takes longer over a write hangs. */
const longestStallMs = 30_000;

async function runRelay(config: RelayConfig): Promise<void> {
  const stop = stopRequested();
  const logger = createLogger({ name: config.relayId, level: config.logLevel, format: config.logFormat });
  // On a small computer they are not worth their half per cent of a core when nobody asks.
  const registry = config.statusPort === undefined ? new Registry() : processRegistry();
  let relay: Relay | undefined;
  const health = (): Health => {
    if (relay === undefined) return { ok: false, problem: "the packet log is being opened" };
    const { registered, stalledMs } = relay;
    if (stalledMs < longestStallMs) return { ok: true, registered };
    const problem = `the packet log has taken nothing for ${Math.round(stalledMs / 1_000)} s: is its disk well?`;
    return { ok: false, problem, registered };
  };
  const status = await openStatusServer({ health, registry, logger }, config);
  const { buffer } = config;
  const { endsWhenRejected } = config.source;
  const source = await config.source.open();
  const log = buffer.kind === "disk" ? await openDiskLog({ logger }, buffer.options) : new MemoryLog(buffer.options);
  relay = new Relay({ source, log, logger, registry }, { ...config, endsWhenRejected });
  relay.start();
  void stop.then(() => relay?.stop());
  try {
    await relay.finished;
  } finally {
    await relay.stop();
    const { stats } = relay;
    await log.close();
    await status.close();
    sayWhatWasDone(stats, buffer.kind, logger);
    tellParent(stats);
  }
}

function sayWhatWasDone({ inFlight: _, ...counts }: RelayStats, buffer: BufferConfig["kind"], logger: Logger): void {
  if (counts.backlog === 0) logger.info(counts, "stopped; the hub has committed everything");
  else if (buffer === "disk") logger.info(counts, "stopped; what is not committed waits on disk for the next start");
  else logger.warn(counts, "stopped; what is not committed is lost");
}

/** Hands the final counts to the launcher, if there is one. */
function tellParent(stats: RelayStats): void {
  if (process.connected) process.send?.({ stats });
}

try {
  await runCommandLine(process.argv.slice(2), {
    relay: runRelay,
    print: (recording) => printRecording(recording, process.stdout),
  });
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
}
