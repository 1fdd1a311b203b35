import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { type InProcessHub, newRobot, packetsOf, startInProcessHub } from "../src/in-process-hub.ts";

let scene: InProcessHub;
beforeAll(async () => {
  scene = await startInProcessHub(inject("postgresUrl"));
});
afterAll(() => scene.close());

const relayOf = (stream_id?: string) =>
  scene.join({ role: "relay", id: "relay-1", protocol: 1, ...(stream_id === undefined ? {} : { stream_id }) });

const batchOf = (stream_id: string, robot: string, first_seq: number, count: number) => ({
  stream_id,
  first_seq,
  packets: packetsOf(robot, first_seq, count),
});

const imuRows = (count: number) => Array.from({ length: count }, (_, index) => ["imu", index + 1, index + 1]);

describe("relay_to_hub", () => {
  it("takes a packet", async () => {
    const relay = await relayOf();
    const [robot_id, ts] = [newRobot(), Date.now() - 1_000];
    const packet = { robot_id, robot_type: "EP01", type: "battery", val: 87, ts };
    expect(await relay.ask("relay_to_hub", packet)).toEqual({ ok: true });
    expect(await scene.rowsOf(robot_id)).toEqual([["battery", 87, null]]);
    const { rows } = await scene.database.pool.query("select * from robot_telemetry where robot_id = $1", [robot_id]);
    expect(rows[0]).toMatchObject({ robot_type: "EP01", created_at: new Date(ts), stream_id: null });
  });

  it("takes an array", async () => {
    const relay = await relayOf();
    const robot = newRobot();
    expect(await relay.ask("relay_to_hub", packetsOf(robot, 1, 3))).toEqual({ ok: true });
    expect(await scene.rowsOf(robot)).toEqual([1, 2, 3].map((value) => ["imu", value, null]));
  });

  it("takes a batch of a stream, and its rows are there when the acknowledgement comes", async () => {
    const relay = await relayOf();
    const [stream, robot] = [randomUUID(), newRobot()];
    for (let first = 1; first <= 41; first += 10) {
      const answer = await relay.ask("relay_to_hub", batchOf(stream, robot, first, 10));
      expect(answer).toEqual({ ok: true, committed_seq: first + 9 });
      expect(await scene.rowsOf(robot)).toEqual(imuRows(first + 9));
    }
  });

  it("acknowledges only after COMMIT, while workers and viewers have the packets already", async () => {
    const [stream, robot] = [randomUUID(), newRobot()];
    const relay = await relayOf(stream);
    const viewer = await scene.join({ role: "viewer", id: "v", protocol: 1, filter: { robots: [robot] } });
    const blocker = await scene.database.pool.connect();
    await blocker.query("begin");
    await blocker.query("select from relay_streams where stream_id = $1 for update", [stream]);
    let answered = false;
    const answer = relay.ask("relay_to_hub", batchOf(stream, robot, 1, 1)).finally(() => {
      answered = true;
    });
    await eventually(() => expect(viewer.heard("update_data")).toHaveLength(1));
    expect(answered).toBe(false);
    expect(await scene.rowsOf(robot)).toEqual([]);
    await blocker.query("rollback");
    blocker.release();
    expect(await answer).toEqual({ ok: true, committed_seq: 1 });
  });

  it("stores a packet by the hub's clock when the relay knows the offset", async () => {
    const [stream_id, robot] = [randomUUID(), newRobot()];
    const ts = Date.now() - 3_600_000;
    const packets = packetsOf(robot, 1, 1, { ts });
    await (await relayOf()).ask("relay_to_hub", { stream_id, first_seq: 1, packets, clock_offset_ms: 3_600_000 });
    const { rows } = await scene.database.pool.query("select created_at from robot_telemetry where robot_id = $1", [
      robot,
    ]);
    expect(rows[0].created_at).toEqual(new Date(ts + 3_600_000));
  });

  it("says at register where a stream goes on", async () => {
    const [stream_id, robot] = [randomUUID(), newRobot()];
    const registration = { role: "relay", id: "relay-1", protocol: 1, stream_id };
    const relay = await scene.connect();
    expect(await relay.ask("register", registration)).toMatchObject({ ok: true, protocol: 1, committed_seq: 0 });
    await relay.ask("relay_to_hub", batchOf(stream_id, robot, 1, 7));
    relay.close();
    const again = await scene.connect();
    expect(await again.ask("register", registration)).toMatchObject({ ok: true, committed_seq: 7 });
  });

  it("trims a batch that overlaps, and stores nothing of one that it has", async () => {
    const relay = await relayOf();
    const [stream, robot] = [randomUUID(), newRobot()];
    await relay.ask("relay_to_hub", batchOf(stream, robot, 1, 5));
    expect(await relay.ask("relay_to_hub", batchOf(stream, robot, 4, 5))).toEqual({ ok: true, committed_seq: 8 });
    expect(await relay.ask("relay_to_hub", batchOf(stream, robot, 1, 8))).toEqual({ ok: true, committed_seq: 8 });
    expect(await scene.rowsOf(robot)).toEqual(imuRows(8));
  });

  it("refuses a batch that leaves a gap", async () => {
    const relay = await relayOf();
    const [stream, robot] = [randomUUID(), newRobot()];
    await relay.ask("relay_to_hub", batchOf(stream, robot, 1, 2));
    expect(await relay.ask("relay_to_hub", batchOf(stream, robot, 4, 2))).toEqual({
      ok: false,
      error: { code: "gap", expected_seq: 3, message: expect.stringContaining("from seq 3 on; this one starts at 4") },
    });
    expect(await scene.rowsOf(robot)).toEqual(imuRows(2));
  });

  it("keeps each row once and in order when connections send one stream at once", async () => {
    const [stream, robot] = [randomUUID(), newRobot()];
    const relays = await Promise.all([relayOf(stream), relayOf(stream), relayOf(stream)]);
    const last = 300;
    await Promise.all(
      relays.map(async (relay, index) => {
        const size = 7 + index;
        for (let first = 1; first <= last; ) {
          const window = [0, 1, 2].map((place) => batchOf(stream, robot, first + place * size, size));
          const answers = await Promise.all(window.map((batch) => relay.ask("relay_to_hub", batch)));
          for (const answer of answers) first = Math.max(first, goOnAt(answer));
        }
      }),
    );
    const rows = await scene.rowsOf(robot);
    expect(rows.length).toBeGreaterThanOrEqual(last);
    expect(rows).toEqual(imuRows(rows.length));
  });

  it("names the packet that is wrong, what was expected and what came", async () => {
    const relay = await relayOf();
    const [stream, robot] = [randomUUID(), newRobot()];
    const batch = batchOf(stream, robot, 1, 3);
    const refused = (code: string, message: string, seq?: number) => ({
      ok: false,
      error: { code, message: expect.stringContaining(message), ...(seq === undefined ? {} : { seq }) },
    });
    const withSecond = (details: object) => ({
      ...batch,
      packets: batch.packets.map((packet, index) => (index === 1 ? { ...packet, ...details } : packet)),
    });
    expect(await relay.ask("relay_to_hub", withSecond({ robot_id: 7 }))).toEqual(
      refused("invalid_message", "packets.1.robot_id must be string; got 7"),
    );
    expect(await relay.ask("relay_to_hub", withSecond({ val: "NUL \u0000" }))).toEqual(refused("unstorable", "NUL", 2));
    expect(await relay.ask("relay_to_hub", withSecond({ ts: 0 }))).toEqual(
      refused("bad_clock", "1970-01-01T00:00:00.000Z", 2),
    );
    expect(await relay.ask("relay_to_hub", withSecond({ ts: Date.now() + 3 * 86_400_000 }))).toEqual(
      refused("bad_clock", "at most 31 days before and 1 after", 2),
    );
    expect(await scene.rowsOf(robot)).toEqual([]);
    expect(await relay.ask("relay_to_hub", batch)).toEqual({ ok: true, committed_seq: 3 });
  });

  it("stores late packets under their own day", async () => {
    const robot = newRobot();
    const ts = Date.now() - 12 * 86_400_000;
    expect(await (await relayOf()).ask("relay_to_hub", packetsOf(robot, 1, 1, { ts }))).toEqual({ ok: true });
    const { rows } = await scene.database.pool.query("select created_at from robot_telemetry where robot_id = $1", [
      robot,
    ]);
    expect(rows).toEqual([{ created_at: new Date(ts) }]);
  });

  it("puts binary on disk, and its hash into the row", async () => {
    const robot = newRobot();
    const frame = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array(200).keys()]);
    const packets = packetsOf(robot, 1, 1, { type: "image/front", val: { frame, exposure: 0.5 } });
    expect(await (await relayOf()).ask("relay_to_hub", packets)).toEqual({ ok: true });
    const $blob = createHash("sha256").update(frame).digest("hex");
    expect(await scene.rowsOf(robot)).toEqual([
      ["image/front", { frame: { $blob, bytes: frame.length, encoding: "jpeg" }, exposure: 0.5 }, null],
    ]);
    expect(await readFile(join(scene.blobFolder, $blob.slice(0, 2), $blob))).toEqual(frame);
  });

  it("stores what a relay had to drop", async () => {
    const [stream_id, robot] = [randomUUID(), newRobot()];
    const relay = await relayOf(stream_id);
    await relay.ask("relay_to_hub", batchOf(stream_id, robot, 1, 2));
    const gap = { first_seq: 3, last_seq: 90, count: 88, reason: "the disk quota was reached" };
    const packets = [...packetsOf(robot, 90, 1, { type: "relay_gap", val: gap }), ...packetsOf(robot, 91, 1)];
    expect(await relay.ask("relay_to_hub", { stream_id, first_seq: 90, packets })).toEqual({
      ok: true,
      committed_seq: 91,
    });
    expect(await scene.rowsOf(robot)).toEqual([...imuRows(2), ["relay_gap", gap, 90], ["imu", 91, 91]]);
  });
});

/** Where the hub wants a stream to go on after an answer. */
function goOnAt(answer: unknown): number {
  if (typeof answer !== "object" || answer === null) throw new Error(`no answer: ${answer}`);
  if ("committed_seq" in answer) return Number(answer.committed_seq) + 1;
  expect(answer).toMatchObject({ ok: false, error: { code: "gap", expected_seq: expect.any(Number) } });
  return 0;
}
