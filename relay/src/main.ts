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
import { openDiskLog } from "./buffer/disk-log.ts";
import { createMemoryLog } from "./buffer/memory-log.ts";
import { type BufferConfig, type RelayConfig, runCommandLine, type SourceConfig } from "./config.ts";
import { printRecording } from "./print-recording.ts";
import { progressLine } from "./progress-line.ts";
import { createRelay, type Relay, type RelayStats } from "./relay.ts";
import { createReplaySource, type ReplaySource } from "./sources/replay/replay-source.ts";
import { createSimulatorSource } from "./sources/simulator/simulator-source.ts";
import type { Source } from "./sources/source.ts";

const progressEveryMs = 500;
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
  const source = await openSource(config.source);
  const log = buffer.kind === "disk" ? await openDiskLog({ logger }, buffer.options) : createMemoryLog(buffer.options);
  const endsWhenRejected = config.source.kind === "replay";
  relay = createRelay({ source, log, logger, registry }, { ...config, endsWhenRejected });
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

/** A recording that cannot be replayed is found out before anybody is bothered with it. */
async function openSource(config: SourceConfig): Promise<Source> {
  if (config.kind === "simulator") return createSimulatorSource(config.options);
  const source = createReplaySource(config.options);
  await source.check();
  if (process.stderr.isTTY) showProgress(source);
  return source;
}

/** Redraws a line until the replay has ended. */
function showProgress(source: ReplaySource): void {
  const draw = () => process.stderr.write(`\r${progressLine(source.progress)}\u001b[K`);
  const timer = setInterval(draw, progressEveryMs);
  const end = () => {
    clearInterval(timer);
    draw();
    process.stderr.write("\n");
  };
  source.finished.then(end, end);
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
