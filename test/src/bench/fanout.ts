/** Many viewers, some of which stop reading: what the others get, what each costs, and what ingest loses. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { signToken } from "@physical-ai/hub/access";
import { compileValidator } from "@physical-ai/unity-protocol";
import type pg from "pg";
import Type from "typebox";
import { createTestDatabase } from "../database.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import type { Bench } from "./bench.ts";
import { measureSender } from "./measure-sender.ts";

const healthyViewers = 490;
const stalledViewers = 10;
const viewerHz = 20;
const robots = 50;
/** Each robot sends as often as each viewer wants to see it. */
const packetsPerSecond = robots * viewerHz;
const measuredMs = 10_000;
const limitPackets = 200_000;

const validateReport = compileValidator("a viewers' report", Type.Object({ updates: Type.Number() }));

export const fanout: Bench = {
  description: "500 viewers at 20 Hz, ten of them stalled: what the others get, and what ingest loses",
  async run({ postgresUrl, folder, say }) {
    const database = await createTestDatabase(postgresUrl);
    const hub = await startTestHub({ databaseUrl: database.url, folder });
    const children: ChildProcess[] = [];
    try {
      children.push(await startRelay(hub));
      await sleep(2_000);
      const alone = await ingestRate(database.pool);
      say(`ingest without viewers             ${Math.round(alone)} rows/s`);
      const limitAlone = await limitOf(hub);
      say(`the most, without viewers          ${Math.round(limitAlone)} rows/s`);

      const rssBefore = await residentBytes(hub);
      const healthy = await startViewers(hub, healthyViewers);
      const stalled = await startViewers(hub, stalledViewers);
      children.push(healthy, stalled);
      stalled.kill("SIGSTOP");
      const received = countUpdates(healthy);
      await sleep(3_000);
      const before = received();
      const startedAt = performance.now();
      const watched = await ingestRate(database.pool);
      const deliveredHz = (received() - before) / healthyViewers / ((performance.now() - startedAt) / 1_000);
      say(`ingest with ${healthyViewers + stalledViewers} viewers            ${Math.round(watched)} rows/s`);
      const limitWatched = await limitOf(hub);
      say(`the most, with viewers             ${Math.round(limitWatched)} rows/s`);
      const rssAfter = await residentBytes(hub);
      return {
        viewers: healthyViewers + stalledViewers,
        stalled: stalledViewers,
        delivered_hz: deliveredHz,
        delivered_per_s: deliveredHz * healthyViewers,
        kb_per_viewer: (rssAfter - rssBefore) / 1_024 / (healthyViewers + stalledViewers),
        ingest_rows_per_s: alone,
        ingest_rows_per_s_with_viewers: watched,
        ingest_ratio: watched / alone,
        limit_rows_per_s: limitAlone,
        limit_rows_per_s_with_viewers: limitWatched,
        limit_ratio: limitWatched / limitAlone,
      };
    } finally {
      for (const child of children) child.kill("SIGKILL");
      await hub.stop();
      await database.drop();
    }
  },
};

async function startRelay(hub: TestHub): Promise<ChildProcess> {
  const token = await signToken({ role: "relay", id: "bench" }, hub.secret);
  return fork(program("paced-relay.js"), [hub.url, token, "bench", String(packetsPerSecond), String(robots)]);
}

async function startViewers(hub: TestHub, count: number): Promise<ChildProcess> {
  const token = await signToken({ role: "viewer", id: "bench" }, hub.secret);
  const viewers = fork(program("viewers.js"), [hub.url, token, String(count), String(robots), String(viewerHz)]);
  for (;;) {
    const [message] = await once(viewers, "message");
    if ("registered" in message) return viewers;
  }
}

/** Rows a second of a second relay that sends as fast as it is acknowledged. */
async function limitOf(hub: TestHub): Promise<number> {
  const relayId = "bench-limit";
  const token = await signToken({ role: "relay", id: relayId }, hub.secret);
  return measureSender({ url: hub.url, token, relayId, packets: limitPackets });
}

const program = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** Counts what a process of viewers says that it got. */
function countUpdates(viewers: ChildProcess): () => number {
  let updates = 0;
  viewers.on("message", (message) => {
    const report = validateReport(message);
    if (report.ok) updates = report.value.updates;
  });
  return () => updates;
}

/** Rows a second that reach the table. */
async function ingestRate(pool: pg.Pool): Promise<number> {
  const count = async () =>
    Number((await pool.query("select coalesce(sum(committed_seq), 0) as count from relay_streams")).rows[0]?.count);
  const before = await count();
  const startedAt = performance.now();
  await sleep(measuredMs);
  return ((await count()) - before) / ((performance.now() - startedAt) / 1_000);
}

async function residentBytes({ process: { pid } }: TestHub): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}
