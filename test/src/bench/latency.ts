/** Relay → hub → worker (ONNX) → hub → viewer while rows are stored, against the same hops without a system. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { signToken } from "@physical-ai/hub/access";
import { programOf, quantile, SupervisedProcess } from "@physical-ai/launcher";
import { predictionType, validate } from "@physical-ai/unity-protocol";
import { connectToHub } from "@physical-ai/unity-protocol/client";
import { io } from "socket.io-client";
import { createTestDatabase } from "../database.ts";
import { startTestHub } from "../test-hub.ts";
import { startBareLoop } from "./bare-loop.ts";
import { type Bench, type BenchContext, median } from "./bench.ts";
import { preciseNow } from "./pace.ts";

const packetsPerSecond = 1_000;
const robots = 50;
const warmUpMs = 3_000;
const measuredMs = 10_000;
const rounds = 3;
const model = fileURLToPath(new URL("../../../brain-worker/policies/wall-following.onnx", import.meta.url));

export const latency: Bench = {
  description: "relay → hub → worker (ONNX) → hub → viewer at 1,000 packets/s, against bare Socket.IO and session.run",
  async run(context) {
    const results: { system: Quantiles; bare: Quantiles }[] = [];
    for (let round = 1; round <= rounds; round++) {
      context.say(`round ${round} of ${rounds}`);
      results.push({
        bare: told(context, "bare Socket.IO and session.run", await measureBare()),
        system: told(context, "the system", await measureSystem(context)),
      });
    }
    const figure = (pick: (result: (typeof results)[number]) => number) => median(results.map(pick));
    return {
      p50_ms: figure(({ system }) => system.p50),
      p99_ms: figure(({ system }) => system.p99),
      bare_p50_ms: figure(({ bare }) => bare.p50),
      bare_p99_ms: figure(({ bare }) => bare.p99),
      ratio_p50: figure(({ system, bare }) => system.p50 / bare.p50),
      ratio_p99: figure(({ system, bare }) => system.p99 / bare.p99),
    };
  },
};

interface Quantiles {
  p50: number;
  p99: number;
}

function told({ say }: BenchContext, what: string, quantiles: Quantiles): Quantiles {
  say(`  ${what.padEnd(34)} p50 ${quantiles.p50.toFixed(2)} ms, p99 ${quantiles.p99.toFixed(2)} ms`);
  return quantiles;
}

/** Leaves out the warm-up; expects that nearly every packet came through. */
async function collect(subscribe: (note: (sentAt: number) => void) => void): Promise<Quantiles> {
  const latencies: number[] = [];
  let measuring = false;
  subscribe((sentAt) => {
    if (measuring) latencies.push(preciseNow() - sentAt);
  });
  await sleep(warmUpMs);
  measuring = true;
  await sleep(measuredMs);
  measuring = false;
  const expected = (packetsPerSecond * measuredMs) / 1_000;
  if (latencies.length < expected * 0.9) {
    throw new Error(`expected about ${expected} predictions; ${latencies.length} came`);
  }
  return { p50: quantile(latencies, 0.5) ?? 0, p99: quantile(latencies, 0.99) ?? 0 };
}

async function measureBare(): Promise<Quantiles> {
  const loop = await startBareLoop(model, packetsPerSecond, robots);
  const viewer = io(loop.url, { transports: ["websocket"] });
  await viewer.emitWithAck("join", "viewer");
  try {
    return await collect((note) => viewer.on("update_data", (packet) => note(packet.val.ts)));
  } finally {
    viewer.close();
    await loop.stop();
  }
}

async function measureSystem({ postgresUrl, folder }: BenchContext): Promise<Quantiles> {
  const database = await createTestDatabase(postgresUrl);
  const hub = await startTestHub({ databaseUrl: database.url, folder });
  const worker = new SupervisedProcess(
    {
      name: "brain-worker",
      program: programOf("brain-worker"),
      args: [],
      environment: {
        ...process.env,
        HUB_URL: hub.url,
        HUB_TOKEN: await signToken({ role: "brain_worker", id: "bench" }, hub.secret),
        WORKER_ID: "bench",
        LOG_LEVEL: "warn",
      },
      logFile: `${folder}/worker.log`,
    },
    () => undefined,
  );
  const relay = fork(fileURLToPath(new URL("./paced-relay.js", import.meta.url)), [
    hub.url,
    await signToken({ role: "relay", id: "bench" }, hub.secret),
    "bench",
    String(packetsPerSecond),
    String(robots),
  ]);
  const viewer = connectToHub({
    url: hub.url,
    token: await signToken({ role: "viewer", id: "bench" }, hub.secret),
    registration: () => ({ role: "viewer", id: "bench", protocol: 1, filter: { types: [predictionType] } }),
    onRegistered: () => undefined,
  });
  try {
    return await collect((note) => {
      viewer.socket.on("update_data", (packet) => {
        const prediction = validate.prediction(packet.val);
        if (prediction.ok && prediction.value.input.ts !== undefined) note(prediction.value.input.ts);
      });
    });
  } finally {
    viewer.close();
    relay.kill();
    await once(relay, "exit");
    await worker.stop();
    await hub.stop();
    await database.drop();
  }
}
