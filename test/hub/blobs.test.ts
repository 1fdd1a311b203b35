/** Binary in packets: kept once, served to whoever may read the rows, and swept when no row names it any more. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { applyRetention, blobFile, dayOf, removeBlobFile, sweepBlobs } from "@physical-ai/db";
import { signToken } from "@physical-ai/hub/access";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { connectClient, type InProcessHub, listen, startInProcessHub, type TestClient } from "../src/in-process-hub.ts";

const dayMs = 86_400_000;
const secret = randomBytes(32).toString("base64url");
const jpeg = () => Buffer.concat([Buffer.from("ffd8ffe0", "hex"), randomBytes(2_000)]);
const png = () => Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), randomBytes(500)]);
const nameOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const tokenOf = (role: "relay" | "viewer") => signToken({ role, id: `${role}-1` }, secret);

let scene: InProcessHub;
let relay: TestClient;
let viewerToken: string;
beforeEach(async () => {
  scene = await startInProcessHub(inject("postgresUrl"), { access: { secret, allowAnonymous: false } });
  relay = await scene.join({ role: "relay", id: "relay-1", protocol: 1 }, await tokenOf("relay"));
  viewerToken = await tokenOf("viewer");
});
afterEach(() => scene.close());

const packetOf = (frame: Buffer, daysAgo = 0) => ({
  robot_id: "EP01_1",
  robot_type: "EP01",
  type: "image/front",
  val: { frame, width: 4 },
  ts: Date.now() - daysAgo * dayMs,
});

async function send(...packets: object[]): Promise<void> {
  expect(await relay.ask("relay_to_hub", packets)).toMatchObject({ ok: true });
}

const get = (name: string, headers: Record<string, string> = { authorization: `Bearer ${viewerToken}` }) =>
  fetch(new URL(`/api/blobs/${name}`, scene.url), { headers });

const sweep = (keepDays: number, dryRun = false) => {
  const lines: string[] = [];
  return applyRetention(scene.database.pool, scene.blobFolder, { keepDays, dryRun }, (line) => lines.push(line)).then(
    () => lines,
  );
};

const sweepAll = () =>
  sweepBlobs(scene.database.pool, dayOf(Date.now()) - 7, async (name) => {
    await removeBlobFile(scene.blobFolder, name);
  });

const isThere = (frame: Buffer) => existsSync(blobFile(scene.blobFolder, nameOf(frame)));

describe("GET /api/blobs", () => {
  it.each([
    ["image/jpeg", jpeg()],
    ["image/png", png()],
    ["application/octet-stream", Buffer.from("<script>alert(1)</script>")],
    ["application/octet-stream", Buffer.alloc(0)],
  ])("serves %s as what it is, byte by byte", async (type, bytes) => {
    await send(packetOf(bytes));
    const response = await get(nameOf(bytes));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("content-length")).toBe(String(bytes.length));
    expect(response.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    const authorization = `Bearer ${viewerToken}`;
    const known = await get(nameOf(bytes), { authorization, "if-none-match": response.headers.get("etag") ?? "" });
    expect(known.status).toBe(304);
  });

  it("takes the name from the row", async () => {
    const frame = jpeg();
    await send(packetOf(frame));
    const { rows } = await scene.database.pool.query(
      `select payload->'value'->'frame'->>'$blob' as name from robot_telemetry`,
    );
    expect(Buffer.from(await (await get(rows[0].name)).arrayBuffer())).toEqual(frame);
  });

  it("is closed to whoever may not read rows", async () => {
    const frame = jpeg();
    await send(packetOf(frame));
    for (const headers of [{}, { authorization: "Bearer letmein" }]) {
      const response = await get(nameOf(frame), headers);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ ok: false, error: { code: "unauthorized" } });
    }
  });

  it.each(["0".repeat(64), "abc", "..%2f..%2fsecret", `..%2f${"0".repeat(61)}`, "%00", `${"0".repeat(63)}%2f`])(
    "has nothing under %s",
    async (name) => {
      const response = await get(name);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ ok: false, error: { code: "not_found" } });
    },
  );
});

describe("retention", () => {
  it("removes the blobs of the days that it drops, and those alone", async () => {
    const [old, recent, both] = [jpeg(), jpeg(), jpeg()];
    await send(packetOf(old, 20), packetOf(both, 20), packetOf(recent, 3));
    await send(packetOf(both, 3));
    // The older day comes later: what counts is the newest row.
    await send(packetOf(both, 20));
    expect(await sweep(7, true)).toContain("1 blobs would go");
    expect(isThere(old)).toBe(true);
    expect(await sweep(7)).toContainEqual(expect.stringMatching(/^1 blobs dropped/));
    expect([old, recent, both].map(isThere)).toEqual([false, true, true]);
    expect((await get(nameOf(old))).status).toBe(404);
    expect((await get(nameOf(both))).status).toBe(200);
  });

  it("keeps a file that is on no list as long as if it had come today", async () => {
    const { pool } = scene.database;
    const [unlisted, named] = [jpeg(), jpeg()];
    await send(packetOf(unlisted, 3), packetOf(named, 3));
    await pool.query("delete from blobs where sha256 = $1", [nameOf(unlisted)]);
    expect(await sweep(0)).toContain("1 blobs of which nothing was known go when today does");
    expect([unlisted, named].map(isThere)).toEqual([true, false]);
    await pool.query("update blobs set newest_day = newest_day - 1");
    expect(await sweep(0)).toContainEqual(expect.stringMatching(/^1 blobs dropped/));
    expect(isThere(unlisted)).toBe(false);
  });

  it("keeps the list of what it cannot see", async () => {
    const frame = jpeg();
    await send(packetOf(frame, 20));
    const lines: string[] = [];
    const elsewhere = `${scene.blobFolder}-elsewhere`;
    await applyRetention(scene.database.pool, elsewhere, { keepDays: 7, dryRun: false }, (line) => lines.push(line));
    expect(lines.at(-1)).toContain("1 blobs stay: there is no folder");
    expect(await sweep(7)).toContainEqual(expect.stringMatching(/^1 blobs dropped/));
    expect(isThere(frame)).toBe(false);
  });

  it("writes anew what a packet under way names while it is being removed", async () => {
    const frame = jpeg();
    await send(packetOf(frame, 20));
    let sent: Promise<void> | undefined;
    await sweepBlobs(scene.database.pool, dayOf(Date.now()) - 7, async (name) => {
      sent = send(packetOf(frame));
      await eventually(async () => expect(await waitingForLocks()).toBe(1));
      await removeBlobFile(scene.blobFolder, name);
      expect(isThere(frame)).toBe(false);
    });
    await sent;
    expect((await get(nameOf(frame))).status).toBe(200);
    await sweep(7);
    expect(isThere(frame)).toBe(true);
  });

  it("passes by what a packet under way has named already", async () => {
    const frame = jpeg();
    await send(packetOf(frame, 20));
    const row = { robotId: "EP01_1", robotType: "EP01", dataType: "image/front", valueJson: "1" };
    const times = { createdAt: Date.now(), receivedAt: Date.now() };
    const rows = [{ ...row, ...times, streamId: undefined, seq: undefined, blobs: [nameOf(frame)] }];
    await scene.database.store.commitTelemetry([{ rows }], { blobsNamed: () => sweepAll() });
    expect(isThere(frame)).toBe(true);
  });

  it("never takes a blob from a row, with two hubs that send and sweeps all the time", async () => {
    const second = await listen(scene.database, {
      blobFolder: scene.blobFolder,
      access: { secret, allowAnonymous: false },
    });
    const other = await connectClient(second.url, await tokenOf("relay"));
    expect(await other.ask("register", { role: "relay", id: "relay-1", protocol: 1 })).toMatchObject({ ok: true });
    let sending = true;
    let swept = 0;
    const sweeps = (async () => {
      while (sending) {
        await sweepBlobs(scene.database.pool, dayOf(Date.now()) - 7, async (name) => {
          await removeBlobFile(scene.blobFolder, name);
          swept++;
        });
      }
    })();
    for (let round = 0; round < 100; round++) {
      // Nothing but old rows name it, and a sweep is after it, when both hubs get it again.
      const frame = jpeg();
      await send(packetOf(frame, 20));
      const again = [relay, other].map((client) => client.ask("relay_to_hub", packetOf(frame)));
      for (const answer of await Promise.all(again)) expect(answer).toMatchObject({ ok: true });
    }
    sending = false;
    await sweeps;
    other.close();
    await second.hub.close();
    const { rows } = await scene.database.pool.query(
      `select distinct payload->'value'->'frame'->>'$blob' as name from robot_telemetry
       where created_at > now() - interval '1 day'`,
    );
    expect(rows).toHaveLength(100);
    for (const { name } of rows) expect((await get(name)).status, name).toBe(200);
    expect(swept).toBeGreaterThan(0);
  });

  async function waitingForLocks(): Promise<number> {
    const { rows } = await scene.database.pool.query(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0].count;
  }
});
