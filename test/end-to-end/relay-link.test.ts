/** When a relay gives its connection up: when nothing comes back over it, and not when the database takes its time. */
import { setTimeout as sleep } from "node:timers/promises";
import { MemoryLog, Relay, type Source } from "@physical-ai/relay";
import { pino } from "pino";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { openProxy, type TcpProxy } from "../src/chaos/proxy.ts";
import { eventually } from "../src/eventually.ts";
import { type InProcessHub, packetsOf, startInProcessHub } from "../src/in-process-hub.ts";

/** Longer than a relay waits before it doubts its link, and then for an answer. */
const slowMs = 12_000;

let scene: InProcessHub;
let proxy: TcpProxy;
let relay: Relay;
let said: { msg: string; reason?: string }[];

beforeEach(async () => {
  scene = await startInProcessHub(inject("postgresUrl"));
  proxy = await openProxy(Number(new URL(scene.url).port));
  said = [];
  const logger = pino({}, { write: (line: string) => said.push(JSON.parse(line)) });
  relay = new Relay(
    { source: createTicker(), log: new MemoryLog(), logger },
    { hubUrl: `http://127.0.0.1:${proxy.port}`, relayId: "relay-1" },
  );
  relay.start();
  await eventually(() => expect(relay.stats.acknowledged).toBeGreaterThan(5));
});
afterEach(async () => {
  await relay.stop();
  await proxy.close();
  await scene.close();
});

/** A robot that counts, twenty times a second. */
function createTicker(): Source {
  let timer: NodeJS.Timeout | undefined;
  let next = 1;
  let finish: () => void = () => undefined;
  return {
    robots: [],
    finished: new Promise((resolve) => {
      finish = resolve;
    }),
    start(sink) {
      timer = setInterval(() => void sink.accept(packetsOf("EP01", next++, 1)), 50);
    },
    execute: async () => ({ status: "acknowledged" }),
    async stop() {
      clearInterval(timer);
      finish();
    },
  };
}

/** Nothing is missing, and nothing is there twice. */
async function expectAllRows(): Promise<void> {
  const values = (await scene.rowsOf("EP01")).map(([, value]) => value);
  expect(values).toEqual(values.map((_, index) => index + 1));
  expect(values.length).toBeGreaterThanOrEqual(relay.stats.acknowledged);
}

it("a connection that the network has forgotten is replaced by a new one", async () => {
  proxy.forget();
  const before = relay.stats.acknowledged;
  await eventually(() => expect(relay.stats.acknowledged).toBeGreaterThan(before + 100));
  const lost = said.filter(({ msg }) => msg.startsWith("the connection to the hub is lost"));
  expect(lost, "sooner than Socket.IO's own pings tell it").toMatchObject([{ reason: "nothing comes back over it" }]);
  await expectAllRows();
});

it("a connection whose acknowledgements wait for the database stays", async () => {
  const blocker = await scene.database.pool.connect();
  await blocker.query("begin; lock table relay_streams in access exclusive mode");
  const before = relay.stats.acknowledged;
  await sleep(slowMs);
  await eventually(() => expect(relay.stats.backlog).toBeGreaterThan(100));
  await blocker.query("commit");
  blocker.release();
  await eventually(() => expect(relay.stats.acknowledged).toBeGreaterThan(before + 100));
  expect(said.map(({ msg }) => msg)).toEqual(["registered at the hub"]);
  await expectAllRows();
});
