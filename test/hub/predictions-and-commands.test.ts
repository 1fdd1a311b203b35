import { randomUUID } from "node:crypto";
import type { RobotAnswer } from "@physical-ai/unity-protocol";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { type InProcessHub, newRobot, packetsOf, startInProcessHub, type TestClient } from "../src/in-process-hub.ts";

/** For commands that are not to expire, on a slow machine either. */
const ttl_ms = 600_000;

let scene: InProcessHub;
let worker: TestClient;
beforeAll(async () => {
  scene = await startInProcessHub(inject("postgresUrl"));
  worker = await scene.join({ role: "brain_worker", id: "worker-1", protocol: 1, policies: [] });
});
afterAll(() => scene.close());

/** A relay beside a robot that answers every command so, or never. */
async function joinRelay(robot: string, answer?: RobotAnswer): Promise<TestClient> {
  const relay = await scene.join({ role: "relay", id: `relay-of-${robot}`, protocol: 1, robots: [robot] });
  relay.socket.on("send_to_robot", (_command, respond) => {
    if (answer !== undefined) respond(answer);
  });
  return relay;
}

const joinViewer = (robot: string) =>
  scene.join({ role: "viewer", id: "unity-1", protocol: 1, filter: { robots: [robot] } });

async function rowsOf(table: "robot_commands" | "ai_predictions", robot: string) {
  return (await scene.database.pool.query(`select * from ${table} where robot_id = $1 order by id`, [robot])).rows;
}

const timing = { queue: 0.4, preprocess: 0.25, infer: 1.25, total: 2.5 };

describe("a prediction", () => {
  it("is pushed to viewers, and stored with the rows and the model that it was made from", async () => {
    const [robot, stream_id] = [newRobot(), randomUUID()];
    const [relay, viewer] = [await joinRelay(robot), await joinViewer(robot)];
    await relay.ask("relay_to_hub", { stream_id, first_seq: 1, packets: packetsOf(robot, 1, 3) });
    const val = {
      policy: "collision-risk",
      model_version: "3f1c9a7be204",
      kind: "classification",
      label: "collision",
      confidence: 0.8,
      message: "Collision risk 80%",
      input: { stream_id, first_seq: 1, last_seq: 3 },
      timing,
    };
    const packet = { robot_id: robot, robot_type: "EP01", type: "ai_prediction", val };
    expect(await worker.ask("worker_to_hub", packet)).toEqual({ ok: true });
    await eventually(() => expect(viewer.heard("update_data")).toContainEqual(packet));
    await eventually(async () =>
      expect(await rowsOf("ai_predictions", robot)).toMatchObject([
        {
          robot_type: "EP01",
          policy: "collision-risk",
          model_version: "3f1c9a7be204",
          result_payload: val,
          stream_id,
          first_seq: "1",
          last_seq: "3",
          infer_ms: 1.25,
          total_ms: 2.5,
        },
      ]),
    );
    const { rows } = await scene.database.pool.query(
      `select seq::int from ai_predictions as p join robot_telemetry as t
       on t.stream_id = p.stream_id and t.seq between p.first_seq and p.last_seq where p.robot_id = $1 order by seq`,
      [robot],
    );
    expect(rows).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  });

  it("sends its command to the robot, audited as the policy's", async () => {
    const [robot, stream_id] = [newRobot(), randomUUID()];
    const relay = await joinRelay(robot, { status: "acknowledged", result: { speed: 0.3 } });
    const viewer = await joinViewer(robot);
    const val = {
      policy: "wall-following",
      model_version: "b7d2104e9c55",
      kind: "action",
      action: [0.3, -0.4],
      input: { stream_id, first_seq: 97, last_seq: 97 },
      timing,
      command: { action: "drive", params: { linear: 0.3, angular: -0.4 }, ttl_ms },
    };
    await worker.ask("worker_to_hub", { robot_id: robot, robot_type: "EP01", type: "ai_prediction", val });
    await eventually(() => expect(viewer.heard("command_update")).toHaveLength(2));
    const [command] = relay.heard("send_to_robot");
    expect(command).toEqual({
      ...val.command,
      command_id: expect.any(String),
      robot_id: robot,
      robot_type: "EP01",
      expires_at: expect.any(Number),
    });
    await eventually(async () =>
      expect(await rowsOf("robot_commands", robot)).toMatchObject([
        {
          command: "drive",
          params: val.command.params,
          sender: "policy:wall-following",
          status: "acknowledged",
          result_payload: { speed: 0.3 },
          stream_id,
          seq: "97",
        },
      ]),
    );
  });

  it("that is not what the contract says is refused, with what was expected and what came", async () => {
    const robot = newRobot();
    const packet = { robot_id: robot, robot_type: "EP01", type: "ai_prediction", val: { policy: "p", confidence: 80 } };
    expect(await worker.ask("worker_to_hub", packet)).toMatchObject({
      ok: false,
      error: { code: "invalid_message", message: expect.stringContaining("confidence must be <= 1; got 80") },
    });
    expect(await rowsOf("ai_predictions", robot)).toEqual([]);
  });
});

describe("command_request", () => {
  const ask = (viewer: TestClient, robot_id: string, details: object = {}) =>
    viewer.ask("command_request", { robot_id, action: "drive", params: { linear: 0.3 }, ...details });
  const statusesOf = (viewer: TestClient) =>
    viewer.heard("command_update").map((update) => (update as { status: string }).status);

  it.each<[RobotAnswer]>([
    [{ status: "acknowledged", result: { speed: 0.3 } }],
    [{ status: "failed", result: { problem: "the emergency stop is pressed" } }],
    [{ status: "expired" }],
  ])("goes to the robot, and its answer %j to viewers and into the row", async (answer) => {
    const robot = newRobot();
    const [relay, viewer] = [await joinRelay(robot, answer), await joinViewer(robot)];
    const command_id = randomUUID();
    const before = Date.now();
    expect(await ask(viewer, robot, { command_id })).toEqual({ ok: true, command_id, status: "sent" });
    const update = { command_id, robot_id: robot, action: "drive", sender: "unity-1" };
    await eventually(() =>
      expect(viewer.heard("command_update")).toEqual([
        { ...update, status: "sent" },
        { ...update, ...answer },
      ]),
    );
    const [command] = relay.heard("send_to_robot") as { expires_at: number }[];
    expect(command).toMatchObject({
      command_id,
      robot_id: robot,
      action: "drive",
      params: { linear: 0.3 },
      ttl_ms: 2_000,
    });
    expect(command?.expires_at).toBeGreaterThanOrEqual(before + 2_000);
    await eventually(async () =>
      expect(await rowsOf("robot_commands", robot)).toMatchObject([
        { command_id, sender: "unity-1", status: answer.status, result_payload: answer.result ?? null },
      ]),
    );
  });

  it("expires when the robot does not answer", async () => {
    const robot = newRobot();
    await joinRelay(robot);
    const viewer = await joinViewer(robot);
    expect(await ask(viewer, robot, { ttl_ms: 20 })).toMatchObject({ ok: true, status: "sent" });
    await eventually(() => expect(statusesOf(viewer)).toEqual(["sent", "expired"]));
    await eventually(async () =>
      expect(await rowsOf("robot_commands", robot)).toMatchObject([
        { status: "expired", result_payload: { problem: "no answer from the relay" } },
      ]),
    );
  });

  it("is rejected for a robot that no relay has, with a row", async () => {
    const robot = newRobot();
    const viewer = await joinViewer(robot);
    expect(await ask(viewer, robot)).toMatchObject({ ok: false, error: { code: "unknown_robot" } });
    await eventually(() => expect(statusesOf(viewer)).toEqual(["rejected"]));
    await eventually(async () =>
      expect(await rowsOf("robot_commands", robot)).toMatchObject([{ status: "rejected", sender: "unity-1" }]),
    );
  });

  it("is rejected once the robot's relay is gone", async () => {
    const robot = newRobot();
    const [relay, viewer] = [await joinRelay(robot), await joinViewer(robot)];
    await relay.ask("relay_to_hub", packetsOf(robot, 1, 1));
    relay.close();
    await eventually(() => expect(viewer.heard("robot_status").at(-1)).toMatchObject({ id: robot, status: "offline" }));
    expect(await ask(viewer, robot)).toMatchObject({ error: { code: "unknown_robot" } });
  });

  it("reaches the robot through the connection from which its packets come now", async () => {
    const robot = newRobot();
    const [before, now] = [await joinRelay(robot), await joinRelay(robot, { status: "acknowledged" })];
    await before.ask("relay_to_hub", packetsOf(robot, 1, 1));
    await now.ask("relay_to_hub", packetsOf(robot, 2, 1));
    const viewer = await joinViewer(robot);
    await ask(viewer, robot, { ttl_ms });
    await eventually(() => expect(statusesOf(viewer)).toEqual(["sent", "acknowledged"]));
    expect(before.heard("send_to_robot")).toEqual([]);
  });

  it("is executed once however often its id comes", async () => {
    const robot = newRobot();
    const [relay, viewer] = [await joinRelay(robot, { status: "acknowledged" }), await joinViewer(robot)];
    const command_id = randomUUID();
    await Promise.all([1, 2, 3].map(() => ask(viewer, robot, { command_id, ttl_ms })));
    await eventually(() => expect(statusesOf(viewer)).toEqual(["sent", "acknowledged"]));
    expect(await ask(viewer, robot, { command_id })).toEqual({ ok: true, command_id, status: "acknowledged" });
    expect(relay.heard("send_to_robot")).toHaveLength(1);
    await eventually(async () => expect(await rowsOf("robot_commands", robot)).toHaveLength(1));
  });

  it("that is not what the contract says is refused", async () => {
    const viewer = await joinViewer("r");
    expect(await ask(viewer, "r", { ttl_ms: 0 })).toMatchObject({
      error: { code: "invalid_message", message: expect.stringContaining("ttl_ms must be > 0; got 0") },
    });
  });
});

describe("a command for a robot that understands only bytes", () => {
  const joinEncoder = () => scene.join({ role: "brain_worker", id: "encoder-1", protocol: 1, generates_hex: ["GO1"] });

  it("goes through the worker that makes them, and its robot's answer to whoever asked", async () => {
    const robot = newRobot();
    const encoder = await joinEncoder();
    encoder.socket.on("generate_hex", ({ command_id, robot_id }) => {
      const bytes = { relay_id: `relay-of-${robot}`, robot_id, command_id, payload: Buffer.from([0x55, 0x0e]) };
      encoder.socket.emit("hex_to_hub", bytes);
    });
    const relay = await joinRelay(robot, { status: "acknowledged", result: { checksum: "ok" } });
    const viewer = await joinViewer(robot);
    const request = { robot_id: robot, robot_type: "GO1", action: "stand", params: { height: 0.3 } };
    expect(await viewer.ask("command_request", request)).toMatchObject({ ok: true, status: "sent" });
    await eventually(() =>
      expect(viewer.heard("command_update")).toMatchObject([
        { action: "stand", sender: "unity-1", status: "sent" },
        { action: "stand", sender: "unity-1", status: "acknowledged", result: { checksum: "ok" } },
      ]),
    );
    expect(encoder.heard("generate_hex")).toMatchObject([{ robot_id: robot, action: "stand", ttl_ms: 2_000 }]);
    expect(relay.heard("send_to_robot")).toEqual([
      {
        command_id: expect.any(String),
        relay_id: `relay-of-${robot}`,
        robot_id: robot,
        payload: Buffer.from([0x55, 0x0e]),
        expires_at: expect.any(Number),
        ttl_ms: expect.any(Number),
      },
    ]);
    await eventually(async () =>
      expect(await rowsOf("robot_commands", robot)).toMatchObject([
        { command: "stand", params: { height: 0.3 }, status: "acknowledged", result_payload: { checksum: "ok" } },
      ]),
    );
    encoder.close();
  });

  it("may be the worker's own idea, audited as that", async () => {
    const robot = newRobot();
    const [encoder, relay] = [await joinEncoder(), await joinRelay(robot, { status: "acknowledged" })];
    const bytes = { relay_id: `relay-of-${robot}`, robot_id: robot, payload: "55 0e" };
    expect(await encoder.ask("hex_to_hub", bytes)).toEqual({ ok: true });
    await eventually(async () =>
      expect(await rowsOf("robot_commands", robot)).toMatchObject([
        { command: "hex", params: { payload: "550e" }, sender: "worker:encoder-1", status: "acknowledged" },
      ]),
    );
    expect(relay.heard("send_to_robot")).toMatchObject([bytes]);
    encoder.close();
  });
});
