import { randomUUID } from "node:crypto";
import { connectToHub } from "@physical-ai/unity-protocol/client";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { interruptDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import {
  connectClient,
  type InProcessHub,
  listen,
  newRobot,
  packetsOf,
  startInProcessHub,
} from "../src/in-process-hub.ts";

describe("a stream", () => {
  let scene: InProcessHub;
  let stream_id: string;
  let robot: string;
  beforeEach(async () => {
    scene = await startInProcessHub(inject("postgresUrl"));
    stream_id = randomUUID();
    robot = newRobot();
  });
  afterEach(() => scene.close());

  const registration = () => ({ role: "relay", id: "relay-1", protocol: 1, stream_id }) as const;
  const batchOf = (first_seq: number, count: number) => ({
    stream_id,
    first_seq,
    packets: packetsOf(robot, first_seq, count),
  });
  const expectRows = async (count: number) =>
    expect(await scene.rowsOf(robot)).toEqual(
      Array.from({ length: count }, (_, index) => ["imu", index + 1, index + 1]),
    );

  it("waits while the database is away, and goes on when it is back", async () => {
    const relay = await scene.join(registration());
    await relay.ask("relay_to_hub", batchOf(1, 10));
    const viewer = await scene.join({ role: "viewer", id: "v", protocol: 1, filter: { robots: [robot] } });
    await eventually(() => expect(viewer.heard("update_data")).toHaveLength(1));

    const restore = await interruptDatabase(inject("postgresUrl"), scene.database.url);
    const answers = [relay.ask("relay_to_hub", batchOf(11, 10)), relay.ask("relay_to_hub", batchOf(21, 10))];
    await eventually(() => expect(viewer.heard("update_data")).toHaveLength(21));
    expect(scene.hub.stats.waitingRows).toBe(20);
    await restore();
    expect(await Promise.all(answers)).toEqual([
      { ok: true, committed_seq: 20 },
      { ok: true, committed_seq: 30 },
    ]);
    await expectRows(30);
    expect(scene.hub.stats.waitingRows).toBe(0);
  });

  it("is told that the database is away when it wants to begin", async () => {
    const restore = await interruptDatabase(inject("postgresUrl"), scene.database.url);
    const relay = await scene.connect();
    expect(await relay.ask("register", registration())).toMatchObject({ ok: false, error: { code: "unavailable" } });
    await restore();
    await eventually(async () => expect(await relay.ask("register", registration())).toMatchObject({ ok: true }));
  });

  it("goes on at another hub on the same database, and nothing is doubled that the first took last", async () => {
    const relay = await scene.join(registration());
    for (let first = 1; first <= 91; first += 10) relay.socket.emit("relay_to_hub", batchOf(first, 10));
    await relay.ask("relay_to_hub", batchOf(101, 10));
    const next = await listen(scene.database, { blobFolder: scene.blobFolder });
    const moved = await connectClient(next.url);
    expect(await moved.ask("register", registration())).toMatchObject({ ok: true, committed_seq: 110 });
    const [atFirst, atNext] = await Promise.all([
      relay.ask("relay_to_hub", batchOf(111, 10)),
      moved.ask("relay_to_hub", batchOf(106, 20)),
    ]);
    for (const answer of [atFirst, atNext]) expect(answer).toMatchObject({ ok: true });
    await expectRows(125);
    moved.close();
    await next.hub.close();
  });

  it("goes on at a hub that was closed and comes back; the client does so by itself", async () => {
    const first = await listen(scene.database, { blobFolder: scene.blobFolder });
    const committed: (number | undefined)[] = [];
    const lost: string[] = [];
    const relay = connectToHub({
      url: first.url,
      registration,
      onRegistered: (registered) => void committed.push(registered.committed_seq),
      onLost: (reason) => void lost.push(reason),
    });
    await eventually(() => expect(relay.registered).toBe(true));
    await relay.socket.emitWithAck("relay_to_hub", batchOf(1, 10));
    relay.socket.emit("relay_to_hub", batchOf(11, 10));
    await relay.socket.emitWithAck("clock");
    await first.hub.close();
    await eventually(() => expect(lost, "a goodbye would keep clients from coming back").toEqual(["transport close"]));
    expect(relay.registered).toBe(false);
    await expectRows(20);

    const port = Number(new URL(first.url).port);
    const again = await listen(scene.database, { blobFolder: scene.blobFolder, port });
    await eventually(() => expect(committed).toEqual([0, 20]));
    expect(await relay.socket.emitWithAck("relay_to_hub", batchOf(16, 10))).toEqual({ ok: true, committed_seq: 25 });
    await expectRows(25);
    relay.close();
    await again.hub.close();
  });
});
