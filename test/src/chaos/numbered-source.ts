/** A robot that says what its series says, at the series' pace, from wherever the relay's log ends. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { PacketSink, RobotIdentity, Source } from "@physical-ai/relay";
import type { RobotAnswer } from "@physical-ai/unity-protocol";
import { newestIndex, type PacketSeries, packetOf } from "./content.ts";

const tickMs = 20;
const maxTogether = 200;

interface NumberedSourceOptions {
  series: PacketSeries;
  /** The index of the first packet to make. */
  from: number;
  /** While this file exists the source makes nothing. Afterwards it makes up for it. */
  silenceFile: string;
  /** The relay has taken everything up to this index. */
  onAccepted: (index: number) => void;
  /** Nothing is made after this index for now. */
  onSilent: (index: number) => void;
}

/** Makes the source. A robot does not wait for its relay: the pace is the clock's. */
export function createNumberedSource(options: NumberedSourceOptions): Source {
  const stopping = new AbortController();
  let finish: (outcome: Promise<void>) => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const { name } = options.series;
  const robots: RobotIdentity[] = ["A", "B"].map((robot) => ({ robotId: `${name}_${robot}`, robotType: "EP01" }));
  return {
    robots,
    finished,
    start: (sink) => finish(run(options, sink, stopping.signal)),
    execute: async (): Promise<RobotAnswer> => ({ status: "acknowledged" }),
    async stop() {
      stopping.abort();
      finish(Promise.resolve());
      await finished;
    },
  };
}

async function run(options: NumberedSourceOptions, sink: PacketSink, stopping: AbortSignal): Promise<void> {
  const { series, silenceFile, onAccepted, onSilent } = options;
  let next = options.from;
  let silent = false;
  while (!stopping.aborted) {
    const wasSilent = silent;
    silent = existsSync(silenceFile);
    if (silent && !wasSilent) onSilent(next - 1);
    const last = silent ? 0 : Math.min(newestIndex(series, Date.now()), next + maxTogether - 1);
    if (last < next) {
      await sleep(tickMs);
      continue;
    }
    await sink.accept(Array.from({ length: last - next + 1 }, (_, place) => packetOf(series, next + place)));
    onAccepted(last);
    next = last + 1;
  }
}
