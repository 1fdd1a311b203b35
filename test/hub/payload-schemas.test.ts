/** A payload that begins to look different is noticed, recorded, and told: so that training does not silently break. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findBrowser, openPage, startBrowser } from "../src/browser.ts";
import { eventually } from "../src/eventually.ts";
import { connectClient, type InProcessHub, listen, startInProcessHub, type TestClient } from "../src/in-process-hub.ts";

const browserPath = findBrowser();
let scene: InProcessHub;
let relay: TestClient;
beforeAll(async () => {
  scene = await startInProcessHub(inject("postgresUrl"));
  relay = await scene.join({ role: "relay", id: "relay-1", protocol: 1 });
});
afterAll(() => scene.close());

async function send(type: string, val: unknown, client = relay, robot_type = "EP01"): Promise<void> {
  const packet = { robot_id: "EP01_1", robot_type, type, val };
  expect(await client.ask("relay_to_hub", packet)).toMatchObject({ ok: true });
}

async function schemaOf(type: string, url = scene.url): Promise<unknown> {
  const answer: unknown = await (await fetch(new URL("/api/schemas", url))).json();
  expect(answer).toMatchObject({ ok: true, schemas: expect.any(Array) });
  return Object(answer).schemas.find((schema: unknown) => Object(schema).data_type === type);
}

const changesHeard = (viewer: TestClient, type: string) =>
  viewer.heard("payload_schema").filter((change) => Object(change).type === type);

describe("the shape of payloads", () => {
  it("is learnt as packets come", async () => {
    await send("imu", { acc: [0.1, 0.2, 9.8], calibrated: true });
    expect(await eventually(async () => (await schemaOf("imu")) ?? expect.fail("not there yet"))).toEqual({
      robot_type: "EP01",
      data_type: "imu",
      version: 1,
      schema: { "value.acc": ["number[3]"], "value.calibrated": ["boolean"] },
      first_seen: expect.any(Number),
      last_seen: expect.any(Number),
      history: [{ version: 1, since: expect.any(Number), changes: [], schema: expect.any(Object) }],
    });
  });

  it("is told to viewers of every hub when it changes, and to those that come later", async () => {
    const second = await listen(scene.database, { blobFolder: scene.blobFolder });
    const here = await scene.join({ role: "viewer", id: "here" });
    const elsewhere = await connectClient(second.url);
    await elsewhere.ask("register", { role: "viewer", id: "elsewhere" });
    await send("battery", 87);
    await eventually(async () => expect(await schemaOf("battery")).toMatchObject({ version: 1 }));
    await send("battery", { percent: 87 });
    const changes = ["value.percent (number) is new"];
    const change = { robot_type: "EP01", type: "battery", version: 2, at: expect.any(Number), changes };
    await eventually(() => expect(changesHeard(here, "battery")).toEqual([change]));
    await eventually(() => expect(changesHeard(elsewhere, "battery")).toEqual([change]));
    const late = await scene.join({ role: "viewer", id: "late", protocol: 1 });
    await eventually(() => expect(changesHeard(late, "battery")).toEqual([change]));
    expect(await schemaOf("battery", second.url)).toMatchObject({
      version: 2,
      schema: { value: ["number"], "value.percent": ["number"] },
      history: [{ version: 1 }, { version: 2, changes }],
    });
    elsewhere.close();
    await second.hub.close();
  });

  it("is one version when two hubs see the same change at once", async () => {
    const second = await listen(scene.database, { blobFolder: scene.blobFolder });
    const other = await connectClient(second.url);
    await other.ask("register", { role: "relay", id: "relay-2", protocol: 1 });
    for (const val of [{ x: 1 }, { x: "1", y: 2 }]) {
      await Promise.all([send("odom", val), send("odom", val, other)]);
      const field = Object.keys(val).at(-1);
      await eventually(async () => expect(await schemaOf("odom")).toHaveProperty(["schema", `value.${field}`]));
    }
    await eventually(async () => expect(await schemaOf("odom")).toMatchObject({ version: 2 }));
    other.close();
    await second.hub.close();
    const { rows } = await scene.database.pool.query(
      "select version, changes from payload_schemas where data_type = 'odom' order by version",
    );
    expect(rows).toEqual([
      { version: 1, changes: [] },
      { version: 2, changes: ["value.x comes as string now; so far it was number", "value.y (number) is new"] },
    ]);
  });

  it("takes any names, also those that SQL and JavaScript use", async () => {
    const val = JSON.parse(`{"__proto__": 1, "constructor": "a", "'; drop table": [1], "a.b": {"c: d": true}}`);
    await send("wild", val, relay, "EP'01\\");
    await eventually(async () =>
      expect(Object(await schemaOf("wild")).schema).toEqual({
        "value.__proto__": ["number"],
        "value.constructor": ["string"],
        "value.'; drop table": ["number[1]"],
        "value.a\\.b.c: d": ["boolean"],
      }),
    );
  });
});

describe.skipIf(browserPath === undefined)("the web page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser(browserPath ?? "");
  });
  afterAll(() => browser.close());

  it("says in plain words what changed, until somebody takes note", async () => {
    await send("force", { x: 1, y: 2 });
    await eventually(async () => expect(await schemaOf("force")).toMatchObject({ version: 1 }));
    const page = await openPage(browser);
    await page.goto(scene.url);
    await page.getByText("Connected").waitFor();
    await send("force", { x: 1, y: "2" });
    const notice = page.locator(".shape", { hasText: "EP01 · force looks different" });
    await notice.getByText("value.y comes as string now; so far it was number").waitFor();
    await notice.getByRole("button", { name: "Got it" }).click();
    await notice.waitFor({ state: "detached" });
    await page.close();
  });
});
