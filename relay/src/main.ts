/** Runs a relay from the command line: only wiring. */
import { CommanderError } from "@commander-js/extra-typings";
import { pino } from "pino";
import { createMemoryLog } from "./buffer/memory-log.ts";
import { readConfig, type SourceConfig } from "./config.ts";
import { progressLine } from "./progress-line.ts";
import { createRelay } from "./relay.ts";
import { createReplaySource, type ReplaySource } from "./sources/replay/replay-source.ts";
import { createSimulatorSource } from "./sources/simulator/simulator-source.ts";
import type { Source } from "./sources/source.ts";

const progressEveryMs = 500;

async function main(): Promise<void> {
  const config = readConfig(process.argv);
  const logger = pino({ level: config.logLevel, name: config.relayId });
  const log = createMemoryLog({ maxBytes: config.bufferBytes });
  const relay = createRelay({ source: createSource(config.source), log, logger }, config);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void relay.stop());
  relay.start();
  try {
    await relay.finished;
  } finally {
    await relay.stop();
    const { stats } = relay;
    await log.close();
    logger.info(stats, "the relay has ended");
    if (stats.backlog > 0) logger.warn({ packets: stats.backlog }, "packets that the hub has not committed are lost");
  }
}

function createSource(config: SourceConfig): Source {
  if (config.kind === "simulator") return createSimulatorSource(config.options);
  const source = createReplaySource(config.options);
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

main().catch((error) => {
  if (!(error instanceof CommanderError)) process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
});
