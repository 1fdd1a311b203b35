import { randomBytes, randomUUID } from "node:crypto";
import { type Identity, signToken } from "@physical-ai/hub/access";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type InProcessHub, listen, newRobot, packetsOf, startInProcessHub } from "../src/in-process-hub.ts";

const secret = randomBytes(32).toString("base64url");
const tokenOf = (role: Identity["role"], id: string) => signToken({ role, id }, secret);

describe("a hub with a secret", () => {
  let scene: InProcessHub;
  beforeAll(async () => {
    scene = await startInProcessHub(inject("postgresUrl"), { access: { secret, allowAnonymous: false } });
  });
  afterAll(() => scene.close());

  it.each<[string, () => Promise<string | undefined>]>([
    ["no token", async () => undefined],
    ["nonsense for a token", async () => "letmein"],
    ["a token of another hub", () => signToken({ role: "viewer", id: "v" }, `${secret}!`)],
  ])("does not let anyone in with %s, and says what to do", async (_what, make) => {
    const token = await make();
    await expect(scene.connect(token)).rejects.toThrow(/^unauthorized: .*Ask the hub's operator/);
  });

  it("lets each role in with its token", async () => {
    for (const role of ["relay", "brain_worker", "viewer"] as const) {
      await scene.join({ role, id: `${role}-1`, protocol: 1 }, await tokenOf(role, `${role}-1`));
    }
  });

  it.each([
    ["another role", "viewer", { role: "relay", id: "v" }, "this token is for the role viewer"],
    ["another relay's id", "relay", { role: "relay", id: "relay-2" }, "this token is for relay v"],
    ["another worker's id", "brain_worker", { role: "brain_worker", id: "w-2" }, "this token is for brain_worker v"],
  ] as const)("forbids to register with a token of %s", async (_what, role, registration, message) => {
    const client = await scene.connect(await tokenOf(role, "v"));
    expect(await client.ask("register", { protocol: 1, ...registration })).toEqual({
      ok: false,
      error: { code: "forbidden", message: expect.stringContaining(message) },
    });
    expect(await client.ask("relay_to_hub", packetsOf("r", 1, 1))).toMatchObject({
      error: { code: "not_registered" },
    });
  });

  it("gives no relay the stream of another, neither to resume nor to add to", async () => {
    const [robot, stream_id] = [newRobot(), randomUUID()];
    const owner = await scene.join(
      { role: "relay", id: "owner", protocol: 1, stream_id },
      await tokenOf("relay", "owner"),
    );
    const batch = { stream_id, first_seq: 1, packets: packetsOf(robot, 1, 2) };
    const refusal = { ok: false, error: { code: "forbidden", message: expect.stringContaining("another relay") } };
    const thief = await scene.connect(await tokenOf("relay", "thief"));
    const registration = { role: "relay", id: "thief", protocol: 1 };
    expect(await thief.ask("register", { ...registration, stream_id, robots: [robot] })).toEqual(refusal);
    expect(await thief.ask("relay_to_hub", batch)).toMatchObject({ error: { code: "not_registered" } });
    expect(await thief.ask("register", registration)).toMatchObject({ ok: true });
    expect(await thief.ask("relay_to_hub", batch)).toEqual(refusal);
    expect(await owner.ask("relay_to_hub", batch)).toEqual({ ok: true, committed_seq: 2 });
    expect(await scene.rowsOf(robot)).toHaveLength(2);
  });

  it("lets viewers choose an id, and still knows who asks for a command", async () => {
    const robot = newRobot();
    const viewer = await scene.join({ role: "viewer", id: "any", protocol: 1 }, await tokenOf("viewer", "operator"));
    await viewer.ask("command_request", { robot_id: robot, action: "stop" });
    expect(viewer.heard("command_update")).toMatchObject([{ robot_id: robot, sender: "operator" }]);
  });
});

describe("a page in a browser", () => {
  const dashboard = "https://dashboard.example.org";
  const stranger = "http://evil.example.org";

  /** Connects as a script of a page would; resolves with whether the hub lets it. */
  async function connects(url: string, origin: string, transport: string, token?: string): Promise<boolean> {
    const auth = token === undefined ? {} : { token };
    const options = { transports: [transport], extraHeaders: { origin }, auth, forceNew: true, reconnection: false };
    const socket = io(url, options);
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("connect_error", () => resolve(false));
    });
    socket.disconnect();
    return connected;
  }

  describe.each(["websocket", "polling"])("over %s", (transport) => {
    it("of another origin may not connect where no token is needed, unless the operator names it", async () => {
      const access = { allowAnonymous: true, allowedOrigins: [dashboard] };
      const scene = await startInProcessHub(inject("postgresUrl"), { access });
      const answers = [scene.url, dashboard, stranger].map((origin) => connects(scene.url, origin, transport));
      expect(await Promise.all(answers)).toEqual([true, true, false]);
      await scene.close();
    });

    it("of another origin may connect with a token where one is needed", async () => {
      const access = { secret, allowAnonymous: false };
      const scene = await startInProcessHub(inject("postgresUrl"), { access });
      expect(await connects(scene.url, stranger, transport, await tokenOf("viewer", "v"))).toBe(true);
      expect(await connects(scene.url, stranger, transport)).toBe(false);
      await scene.close();
    });
  });

  it("may read the answers to polling only when the operator has named its origin", async () => {
    const access = { secret, allowAnonymous: false, allowedOrigins: [dashboard] };
    const scene = await startInProcessHub(inject("postgresUrl"), { access });
    const allowed = await Promise.all(
      [dashboard, stranger].map(async (origin) => {
        const response = await fetch(`${scene.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
        return response.headers.get("access-control-allow-origin");
      }),
    );
    expect(allowed).toEqual([dashboard, null]);
    await scene.close();
  });
});

describe("any hub", () => {
  let scene: InProcessHub;
  beforeAll(async () => {
    scene = await startInProcessHub(inject("postgresUrl"));
  });
  afterAll(() => scene.close());

  const events = ["relay_to_hub", "worker_to_hub", "command_request", "hex_to_hub"] as const;

  it.each(events)("does not take %s from a client that has not registered", async (event) => {
    const client = await scene.connect();
    expect(await client.ask(event, {})).toMatchObject({ error: { code: "not_registered" } });
  });

  it.each([
    ["relay", ["worker_to_hub", "command_request", "hex_to_hub"]],
    ["brain_worker", ["relay_to_hub", "command_request"]],
    ["viewer", ["relay_to_hub", "worker_to_hub", "hex_to_hub"]],
  ] as const)("does not take from a %s what others send", async (role, others) => {
    const client = await scene.join({ role, id: "c", protocol: 1 });
    for (const event of others) {
      expect(await client.ask(event, packetsOf("r", 1, 1)[0])).toEqual({
        ok: false,
        error: { code: "forbidden", message: expect.stringContaining(`this one is a ${role}`) },
      });
    }
  });

  it.each([
    [undefined, 'role must be one of "relay", "brain_worker", "viewer"; got nothing'],
    [{ role: "admin", id: "a" }, 'got "admin"'],
    [{ role: "viewer", id: "" }, "(role viewer): id"],
    [{ role: "brain_worker", id: "w" }, "names the robot_type that it works for"],
  ])("does not register %j, and says why", async (registration, message) => {
    const client = await scene.connect();
    expect(await client.ask("register", registration)).toEqual({
      ok: false,
      error: { code: "invalid_message", message: expect.stringContaining(message) },
    });
  });

  it("tells its time, with and without an acknowledgement to tell it to", async () => {
    const client = await scene.connect();
    client.socket.emit("clock");
    const before = Date.now();
    const answer = await client.socket.emitWithAck("clock");
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.server_time).toBeGreaterThanOrEqual(before);
    expect(answer.server_time).toBeLessThanOrEqual(Date.now());
  });

  it("will not listen on a network without a say in who may come in", async () => {
    const closed = { blobFolder: scene.blobFolder, access: { allowAnonymous: false } };
    await expect(listen(scene.database, { ...closed, host: "0.0.0.0" })).rejects.toThrow(
      /will not listen on 0\.0\.0\.0/,
    );
  });

  it("says that its port is taken", async () => {
    const port = Number(new URL(scene.url).port);
    await expect(listen(scene.database, { blobFolder: scene.blobFolder, port })).rejects.toThrow("EADDRINUSE");
  });
});
