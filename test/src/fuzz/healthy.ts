/** Clients that do nothing wrong, and must not notice that others do. */
import { randomUUID } from "node:crypto";
import { MemoryLog, Relay, type Source } from "@physical-ai/relay";
import { type Packet, predictionType } from "@physical-ai/unity-protocol";
import { connectToHub } from "@physical-ai/unity-protocol/client";
import type pg from "pg";
import { pino } from "pino";
import { TooLate, until } from "../chaos/until.ts";
import type { Tokens } from "./persona.ts";

/** A relay, a worker that predicts from each of its packets, and a viewer. Whoever starts them stops them. */
interface HealthyClients {
  /** Stops the relay's source and waits until all its packets are acknowledged. */
  finish(): Promise<void>;
  readonly counts: { produced: number; updates: number; predictions: number };
  /** Packets that are not in the table exactly as they were made, each once. */
  missingRows(pool: pg.Pool): Promise<number>;
  stop(): Promise<void>;
}

const packetsPerSecond = 400;
const intervalMs = 20;
const type = "healthy";

/** Starts them. */
export function startHealthyClients(url: string, tokens: Tokens): HealthyClients {
  const robot = `HEALTHY_${randomUUID()}`;
  const counts = { produced: 0, updates: 0, predictions: 0 };
  const id = "healthy";

  const makePacket = (): Packet => {
    counts.produced++;
    return { robot_id: robot, robot_type: "EP01", type, val: { place: counts.produced, text: "ﷺ🤖" }, ts: Date.now() };
  };
  const source = createSteadySource(makePacket);
  const relay = new Relay(
    { source, log: new MemoryLog(), logger: pino({ level: "silent" }) },
    { hubUrl: url, token: tokens.relay, relayId: id },
  );
  const worker = connectToHub({
    url,
    token: tokens.brain_worker,
    registration: () => ({
      role: "brain_worker",
      id,
      protocol: 1,
      policies: [{ name: "healthy", types: [type], delivery: "every" }],
    }),
    onRegistered: () => undefined,
  });
  worker.socket.on("process_raw", (packets, _policy, done) => {
    for (const packet of Array.isArray(packets) ? packets : [])
      worker.socket.emit("worker_to_hub", predictionOf(packet));
    done?.();
  });
  const viewer = connectToHub({
    url,
    token: tokens.viewer,
    registration: () => ({ role: "viewer", id, protocol: 1, filter: { robots: [robot] } }),
    onRegistered: () => undefined,
  });
  viewer.socket.on("update_data", (packet) => {
    if (packet.type === predictionType) counts.predictions++;
    else counts.updates++;
  });
  relay.start();

  return {
    counts,
    async finish() {
      source.end();
      await untilOrTooLate("the relay's packets are acknowledged", () => relay.stats.backlog === 0, 60_000);
      await untilOrTooLate("the viewer has all predictions", () => counts.predictions >= counts.produced, 5_000);
    },
    async missingRows(pool) {
      const { rows } = await pool.query<{ right: string }>(
        `select count(distinct seq) as right from robot_telemetry
         where robot_id = $1 and seq = (payload->'value'->>'place')::bigint
           and payload->'value'->>'text' = $2 and data_type = $3
           and (select count(*) from robot_telemetry where robot_id = $1) <= $4`,
        [robot, "ﷺ🤖", type, counts.produced],
      );
      return counts.produced - Number(rows[0]?.right ?? 0);
    },
    async stop() {
      await relay.stop();
      worker.close();
      viewer.close();
    },
  };
}

/** What does not come in time is counted later. */
async function untilOrTooLate(what: string, holds: () => boolean, patienceMs: number): Promise<void> {
  try {
    await until(what, holds, patienceMs);
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
  }
}

function createSteadySource(makePacket: () => Packet): Source & { end(): void } {
  let timer: NodeJS.Timeout | undefined;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    robots: [],
    finished,
    start(sink) {
      const each = (packetsPerSecond * intervalMs) / 1_000;
      timer = setInterval(() => void sink.accept(Array.from({ length: each }, makePacket)), intervalMs);
    },
    execute: async () => ({ status: "acknowledged" }),
    end() {
      clearInterval(timer);
    },
    async stop() {
      clearInterval(timer);
      finish();
    },
  };
}

function predictionOf({ robot_id, robot_type, ts }: Packet): Packet {
  return {
    robot_id,
    robot_type,
    type: predictionType,
    val: {
      policy: "healthy",
      model_version: "000000000000",
      kind: "classification",
      input: ts === undefined ? {} : { ts },
      timing: { queue: 0, preprocess: 0, infer: 0, total: 0 },
    },
  };
}
