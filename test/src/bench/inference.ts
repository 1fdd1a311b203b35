/** The worker's way through a model, from packets to predictions, against `session.run` alone. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openPredictor, type Predictor } from "@physical-ai/policy";
import type { RawPacket } from "@physical-ai/unity-protocol";
import { pino } from "pino";
import { type Bench, type BenchContext, median, ratePerSecond } from "./bench.ts";
import { benchPolicy, measureBare, modelFile } from "./bench-model.ts";
import { ultrasoundPacket } from "./pace.ts";

/** As many packets as the hub sends at a time, and as many times two under way. */
const robots = 256;
const batchesUnderWay = 2;
const batches = 300;
const slowBatches = 12;
const rounds = 5;

export const inference: Bench = {
  description: "packets of 256 robots → preprocessing → ONNX → predictions, against session.run alone",
  async run(context) {
    const mlp = modelFile("mlp");
    const predictor = await openModel(context, mlp);
    const slow = await openModel(context, modelFile("slow"));
    try {
      const results = [];
      for (let round = 1; round <= rounds; round++) results.push(await runRound(context, predictor, mlp));
      const delay = await delayDuring(() => predictMany(predictor, batches));
      const slowDelay = await delayDuring(() => predictMany(slow, slowBatches));
      return {
        predictions_per_s: median(results.map(({ predictor }) => predictor)),
        bare_per_s: median(results.map(({ bare }) => bare)),
        ratio: median(results.map(({ predictor, bare }) => predictor / bare)),
        loop_delay_p99_ms: delay,
        loop_delay_p99_ms_slow_model: slowDelay,
      };
    } finally {
      await predictor.close();
      await slow.close();
    }
  },
};

async function runRound({ say }: BenchContext, predictor: Predictor, model: string) {
  const result = {
    bare: await measureBare(model, robots, batches),
    predictor: await ratePerSecond(batches * robots, () => predictMany(predictor, batches)),
  };
  say(`  session.run alone ${Math.round(result.bare)}/s, the worker's way ${Math.round(result.predictor)}/s`);
  return result;
}

async function openModel({ folder }: BenchContext, model: string): Promise<Predictor> {
  return openPredictor({ logger: pino({ level: "warn" }), now: Date.now }, await benchPolicy(folder, model));
}

/** Gives packets as the hub does: the next ones when others are done. */
async function predictMany(predictor: Predictor, count: number): Promise<void> {
  let given = 0;
  const before = predictor.counters.predicted;
  await Promise.all(
    Array.from({ length: batchesUnderWay }, async () => {
      while (given++ < count) {
        await predictor.predict(packetsOfAll(given));
        // From the hub each batch comes as an event of its own.
        await new Promise(setImmediate);
      }
    }),
  );
  const predicted = predictor.counters.predicted - before;
  if (predicted !== count * robots) throw new Error(`expected ${count * robots} predictions; there were ${predicted}`);
}

const prepared = Array.from({ length: robots }, (_, robot) => ultrasoundPacket(robot, robots));
const streamId = crypto.randomUUID();

function packetsOfAll(seq: number): RawPacket[] {
  const received_at = Date.now();
  return prepared.map((packet) => ({ ...packet, received_at, stream_id: streamId, seq }));
}

/** How late the event loop was, in all but one of a hundred cases; in milliseconds. */
async function delayDuring(work: () => Promise<void>): Promise<number> {
  const resolution = 1;
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.percentile(99) / 1e6 - resolution;
}
