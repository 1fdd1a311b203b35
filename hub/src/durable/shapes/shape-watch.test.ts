import type { PayloadSchemaVersion, PayloadShape, Store } from "@physical-ai/db";
import type { PayloadSchemaChange } from "@physical-ai/unity-protocol";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { DatabaseOutage } from "../outage.ts";
import { ShapeWatch } from "./shape-watch.ts";

/** What a packet without a stream is carried with. */
const loose = { streamId: undefined, seq: undefined, bytes: 100, live: true };
/** The table in memory, as all hubs see it. */
const logger = pino({ level: "silent" });

function createTable() {
  const versions: (PayloadSchemaVersion & PayloadShape)[] = [];
  let broken = false;
  let revisions = 0;
  const store: Pick<Store, "revisePayloadSchema" | "listPayloadSchemas"> = {
    async revisePayloadSchema({ robotType, dataType }, at, revise) {
      if (broken) throw new Error("the database is away");
      revisions++;
      const ofKind = versions.filter((one) => one.robotType === robotType && one.dataType === dataType);
      const known = ofKind.at(-1);
      const { shape, changes } = revise(known && { schema: known.schema, sightings: known.sightings });
      if (known !== undefined && changes.length === 0) {
        Object.assign(known, shape, { lastSeen: at });
        return { version: known.version, shape, changes };
      }
      const version = ofKind.length + 1;
      versions.push({ robotType, dataType, version, ...shape, changes, firstSeen: at, lastSeen: at });
      return { version, shape, changes };
    },
    async listPayloadSchemas(since = 0) {
      return versions.filter(({ firstSeen }) => firstSeen > since);
    },
  };
  return {
    store,
    versions,
    get revisions() {
      return revisions;
    },
    breakDown: (is: boolean) => {
      broken = is;
    },
  };
}

function createScene(hubs = 1) {
  const table = createTable();
  const clock = { now: 1_800_000_000_000 };
  const watches = Array.from({ length: hubs }, () => {
    const told: PayloadSchemaChange[] = [];
    const watch = new ShapeWatch({
      store: table.store,
      logger,
      outage: new DatabaseOutage(logger),
      onChange: (change) => void told.push(change),
      now: () => clock.now,
    });
    return { told, watch };
  });

  const send = (hub: number, val: unknown, type = "imu") =>
    watches[hub]?.watch.look([
      {
        packet: { robot_id: "r", robot_type: "EP01", type, val },
        receivedAt: clock.now,
        ...loose,
      },
    ]);
  async function second(): Promise<void> {
    clock.now += 1_000;
    for (const { watch } of watches) {
      watch.tick();
      await new Promise(setImmediate);
    }
  }
  /** Each second ten packets at each hub. */
  async function seconds(count: number, ...valsOfHubs: unknown[]): Promise<void> {
    for (let passed = 0; passed < count; passed++) {
      for (let packet = 0; packet < 10; packet++) {
        for (const [hub, val] of valsOfHubs.entries()) send(hub, val);
        clock.now += 100;
      }
      clock.now -= 1_000;
      await second();
    }
  }
  const sentences = (hub = 0) => watches[hub]?.told.flatMap(({ changes }) => changes);
  return { table, clock, watches, send, seconds, sentences };
}

describe("the watch over shapes", () => {
  it("learns a shape, and tells once when it changes", async () => {
    const { table, seconds, sentences, watches } = createScene();
    await seconds(3, { x: 1 });
    await seconds(3, { x: 1, y: 2 });
    expect(sentences()).toEqual(["value.y (number) is new"]);
    expect(table.versions.map(({ version, schema }) => [version, schema])).toEqual([
      [1, { "value.x": ["number"] }],
      [2, { "value.x": ["number"], "value.y": ["number"] }],
    ]);
    expect([...(watches[0]?.watch.changes() ?? [])]).toMatchObject([{ robot_type: "EP01", type: "imu", version: 2 }]);
  });

  it("tells that a field is gone after half a minute", async () => {
    const { seconds, sentences } = createScene();
    await seconds(5, { x: 1, y: 2 });
    await seconds(25, { x: 1 });
    expect(sentences()).toEqual([]);
    await seconds(20, { x: 1 });
    expect(sentences()).toEqual(["value.y (number) is gone"]);
  });

  it("is patient with a field that comes rarely", async () => {
    const { seconds, sentences } = createScene();
    for (let round = 0; round < 10; round++) {
      await seconds(1, { x: 1, note: "a" });
      await seconds(20, { x: 1 });
    }
    await seconds(100, { x: 1 });
    expect(sentences()).toEqual([]);
  });

  it("does not miss at one hub what another one sees", async () => {
    const { seconds, sentences } = createScene(2);
    await seconds(120, { x: 1 }, { x: 1, y: 2 });
    expect(sentences(0)).toEqual(["value.y (number) is new"]);
    expect(sentences(1)).toEqual(["value.y (number) is new"]);
  });

  it("knows after a restart what was there before", async () => {
    const { table, clock, seconds } = createScene();
    await seconds(5, { x: 1, y: 2 });
    const told: PayloadSchemaChange[] = [];
    const restarted = new ShapeWatch({
      store: table.store,
      logger,
      outage: new DatabaseOutage(logger),
      onChange: (change) => void told.push(change),
      now: () => clock.now,
    });
    for (let passed = 0; passed < 600; passed++) {
      const packet = { robot_id: "r", robot_type: "EP01", type: "imu", val: { x: "1" } };
      restarted.look([{ packet, receivedAt: clock.now, ...loose }]);
      restarted.tick();
      await new Promise(setImmediate);
      clock.now += 100;
    }
    expect(told.flatMap(({ changes }) => changes).sort()).toEqual([
      "value.x comes as string now; so far it was number",
      "value.x does not come as number any more",
      "value.y (number) is gone",
    ]);
  });

  it("asks the database seldom while nothing changes, and goes on when it was away", async () => {
    const { table, seconds, sentences } = createScene();
    await seconds(100, { x: 1 });
    expect(table.revisions).toBeLessThanOrEqual(12);
    table.breakDown(true);
    await seconds(30, { x: 1, y: 2 });
    table.breakDown(false);
    await seconds(15, { x: 1, y: 2 });
    expect(sentences()).toEqual(["value.y (number) is new"]);
  });

  it("has a bound of kinds, and makes room after an hour", async () => {
    const { table, clock, send, seconds } = createScene();
    for (let kind = 0; kind < 1_100; kind++) send(0, 1, `type ${kind}`);
    await seconds(1);
    expect(table.versions).toHaveLength(1_000);
    clock.now += 3_700_000;
    await seconds(1);
    send(0, 1, "type 1099");
    await seconds(1);
    expect(table.versions).toHaveLength(1_001);
  });
});
