/** Clients that exist today: no protocol, no token, no acknowledgement callback, single packets. */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { type InProcessHub, newRobot, startInProcessHub, type TestClient } from "../src/in-process-hub.ts";

let scene: InProcessHub;
beforeAll(async () => {
  scene = await startInProcessHub(inject("postgresUrl"));
});
afterAll(() => scene.close());

/** Registers as legacy clients do: without waiting for an answer. */
async function come(registration: object): Promise<TestClient> {
  const client = await scene.connect();
  emit(client, "register", registration);
  return client;
}

function emit(client: TestClient, event: string, message: unknown): void {
  Reflect.apply(client.socket.emit, client.socket, [event, message]);
}

/** The answer comes after everything that was sent before. */
const settled = (...clients: TestClient[]) => Promise.all(clients.map(({ socket }) => socket.emitWithAck("clock")));

describe("legacy clients", () => {
  it("go the whole way: relay, worker, viewer and back to the robot", async () => {
    const robot_id = newRobot();
    const relay = await come({ role: "relay", id: "pi-3" });
    const worker = await come({ role: "brain_worker", id: "EP01_brain", robot_type: "EP01" });
    const viewer = await come({ role: "viewer", id: "unity" });
    await settled(relay, worker, viewer);

    const raw = {
      robot_id,
      robot_type: "EP01",
      type: "raw_hex",
      val: "55 0e 04 66",
      ts: Date.now(),
      firmware: "1.0.4",
    };
    emit(relay, "relay_to_hub", raw);
    await eventually(() => expect(worker.heard("process_raw")).toEqual([raw]));

    const battery = { robot_id, robot_type: "EP01", type: "battery", val: 87 };
    emit(worker, "worker_to_hub", battery);
    const prediction = { robot_id, robot_type: "EP01", type: "ai_prediction", val: "turn left" };
    emit(worker, "worker_to_hub", prediction);
    await eventually(() => expect(viewer.heard("update_data")).toEqual([raw, battery, prediction]));

    emit(viewer, "command_request", { robot_id, action: "stop" });
    await eventually(() => expect(worker.heard("generate_hex")).toMatchObject([{ robot_id, action: "stop" }]));
    emit(worker, "hex_to_hub", { relay_id: "pi-3", payload: "55 0e 04" });
    await eventually(() =>
      expect(relay.heard("send_to_robot")).toMatchObject([{ relay_id: "pi-3", payload: "55 0e 04" }]),
    );

    await eventually(async () => {
      expect(await scene.rowsOf(robot_id)).toEqual([
        ["raw_hex", raw.val, null],
        ["battery", 87, null],
      ]);
      const found = await scene.database.pool.query(
        `select (select result_payload from ai_predictions where robot_id = $1) as prediction,
                (select policy from ai_predictions where robot_id = $1) as policy,
                (select command || ' ' || status from robot_commands where robot_id = $1) as command`,
        [robot_id],
      );
      expect(found.rows).toEqual([{ prediction: "turn left", policy: "EP01_brain", command: "stop sent" }]);
    });
  });

  it("a worker gets the packets of its robot type only, one an event and nothing else", async () => {
    const robot_id = newRobot();
    const worker = await come({ role: "brain_worker", id: "GO1_brain", robot_type: "GO1" });
    const args: number[] = [];
    worker.socket.on("process_raw", (...received: unknown[]) => void args.push(received.length));
    await settled(worker);
    const relay = await come({ role: "relay", id: "pi-4" });
    emit(relay, "relay_to_hub", { robot_id, robot_type: "EP01", type: "imu", val: 1 });
    emit(relay, "relay_to_hub", [
      { robot_id, robot_type: "GO1", type: "imu", val: 2 },
      { robot_id, robot_type: "GO1", type: "imu", val: 3 },
    ]);
    await eventually(() => expect(worker.heard("process_raw")).toMatchObject([{ val: 2 }, { val: 3 }]));
    expect(args).toEqual([1, 1]);
  });

  it("a relay gets the command itself where no worker makes bytes of it", async () => {
    const robot_id = newRobot();
    const relay = await come({ role: "relay", id: "pi-6" });
    const viewer = await come({ role: "viewer", id: "unity" });
    emit(relay, "relay_to_hub", { robot_id, robot_type: "LIMO", type: "battery", val: 86 });
    await eventually(() => expect(viewer.heard("update_data")).toContainEqual(expect.objectContaining({ robot_id })));
    emit(viewer, "command_request", { robot_id, action: "stop" });
    await eventually(() => expect(relay.heard("send_to_robot")).toMatchObject([{ robot_id, action: "stop" }]));
  });

  it("a packet that is wrong harms nothing, though nobody hears of it", async () => {
    const robot_id = newRobot();
    const relay = await come({ role: "relay", id: "pi-5" });
    emit(relay, "relay_to_hub", { robot_id, val: "no type" });
    emit(relay, "relay_to_hub", undefined);
    emit(relay, "relay_to_hub", { robot_id, robot_type: "EP01", type: "battery", val: 86 });
    await eventually(async () => expect(await scene.rowsOf(robot_id)).toEqual([["battery", 86, null]]));
  });
});
