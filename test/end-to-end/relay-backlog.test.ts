/** A source that can wait, as a recording can, loses nothing to the quota of the relay's log. */
import { MemoryLog, Relay, type Source } from "@physical-ai/relay";
import { pino } from "pino";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { type InProcessHub, newRobot, packetsOf, startInProcessHub } from "../src/in-process-hub.ts";

const packets = 4_000;
const packetsTogether = 100;
/** Holds about a third of them. */
const maxBytes = 4_000_000;

let scene: InProcessHub;

beforeEach(async () => {
  scene = await startInProcessHub(inject("postgresUrl"));
});
afterEach(() => scene.close());

/** Laser scans, as fast as the relay wants them. */
function createScans(robotId: string): Source {
  const ranges = Array.from({ length: 360 }, (_, angle) => angle / 100);
  let finish: () => void = () => undefined;
  return {
    robots: [],
    finished: new Promise((resolve) => {
      finish = resolve;
    }),
    async start(sink) {
      for (let given = 0; given < packets; given += packetsTogether) {
        await sink.ready();
        await sink.accept(packetsOf(robotId, given + 1, packetsTogether, { type: "scan", val: { ranges } }));
      }
      finish();
    },
    execute: async () => ({ status: "failed" }),
    stop: async () => finish(),
  };
}

it("where few large packets fill the log", async () => {
  const robotId = newRobot();
  const relay = new Relay(
    { source: createScans(robotId), log: new MemoryLog({ maxBytes }), logger: pino({ level: "silent" }) },
    { hubUrl: scene.url, relayId: "relay-1" },
  );
  relay.start();
  await relay.finished;
  await relay.stop();
  expect([relay.stats.dropped, relay.stats.acknowledged]).toEqual([0, packets]);
  expect(await scene.rowsOf(robotId)).toHaveLength(packets);
});
