import type { CommandRow } from "@physical-ai/db";
import type { CommandRequest, CommandUpdate, RobotBytes, RobotCommand } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { LegacyRelayLink } from "../legacy/clients.ts";
import { matchOldest } from "../legacy/workers.ts";
import type { ForwardedCommand } from "./command.ts";
import { Commander, type HubLink } from "./commander.ts";
import type { Encoder } from "./robot-bytes.ts";

const commandId = "0b9f6a1e-3c59-4c62-8f0d-7c0f2f9b1a44";
const drive: CommandRequest = { robot_id: "r1", robot_type: "EP01", action: "drive", params: { linear: 0.3 } };
const byViewer = { sender: "unity-1" };

/** A commander whose robot `r1` answers with `answer`. */
function createScene(answer: () => Promise<unknown>, answers = true, hub?: HubLink) {
  const clock = { now: 1_000_000 };
  const sent: { command: RobotCommand | RobotBytes; timeoutMs: number }[] = [];
  /** The worker that makes the robots' bytes, where there is one. */
  const workers: Encoder[] = [];
  const updates: CommandUpdate[] = [];
  const rows: CommandRow[] = [];
  /** What other hubs are told of the commands that they forwarded. */
  const told: string[] = [];
  const relay = {
    relayId: "relay-1",
    busy: false,
    async send(command: RobotCommand | RobotBytes, timeoutMs: number) {
      sent.push({ command, timeoutMs });
      return { answer: await answer() };
    },
    findEncoder: () => undefined,
  };
  const link = answers ? relay : new LegacyRelayLink(relay, relay);
  const commander = new Commander({
    routes: {
      findRelay: (robotId) => (robotId === "r1" ? link : undefined),
      findRelayNamed: (relayId) => (relayId === relay.relayId ? link : undefined),
      typeOf: () => undefined,
      findEncoder: () => workers[0],
    },
    findHub: () => hub,
    audience: {
      commandUpdate(update, askedBy) {
        updates.push(update);
        if (askedBy !== undefined) told.push(`${askedBy}: ${update.status}`);
      },
    },
    writer: { add: (row) => void rows.push(row) },
    matchUnnamed: matchOldest,
    now: () => clock.now,
  });
  const ended = () => expect.poll(() => commander.stats.underWay).toBe(0);
  return { commander, relay, workers, clock, sent, updates, rows, told, ended };
}

const acknowledged = async () => ({ status: "acknowledged", result: { speed: 0.3 } });

describe("the commander", () => {
  it("refuses params that would fill the memory, or the stack", () => {
    const { commander } = createScene(acknowledged);
    const deep = JSON.parse("[".repeat(10_000) + "]".repeat(10_000));
    for (const params of [{ map: "x".repeat(70_000) }, { deep }]) {
      expect(commander.request({ ...drive, params }, byViewer)).toMatchObject({ error: { code: "unstorable" } });
    }
  });

  it("sends nothing to a relay that owes too many answers, and says so", () => {
    const { commander, relay, sent, updates } = createScene(acknowledged);
    relay.busy = true;
    expect(commander.request(drive, byViewer)).toMatchObject({ ok: false, error: { code: "overloaded" } });
    expect(updates.map(({ status }) => status)).toEqual(["rejected"]);
    expect(sent).toEqual([]);
  });

  it("sends a command with its id and the end of its life, and tells who asked what became of it", async () => {
    const { commander, sent, updates, rows, ended } = createScene(acknowledged);
    const request = { ...drive, ttl_ms: 500, command_id: commandId };
    expect(commander.request(request, byViewer)).toEqual({ ok: true, command_id: commandId, status: "sent" });
    await ended();
    const command = { command_id: commandId, ...drive, expires_at: 1_000_500, ttl_ms: 500 };
    expect(sent).toEqual([{ command, timeoutMs: 1_000 }]);
    const update = { command_id: commandId, robot_id: "r1", action: "drive", sender: "unity-1" };
    expect(updates).toEqual([
      { ...update, status: "sent" },
      { ...update, status: "acknowledged", result: { speed: 0.3 } },
    ]);
    expect(rows.map(({ status, result }) => [status, result])).toEqual([
      ["sent", undefined],
      ["acknowledged", { speed: 0.3 }],
    ]);
    expect(commander.stats).toMatchObject({ sent: 1, acknowledged: 1, underWay: 0 });
  });

  it("lets a command live two seconds when its sender does not say", async () => {
    const { commander, sent, ended } = createScene(acknowledged);
    commander.request({ robot_id: "r1", action: "stop" }, byViewer);
    await ended();
    expect(sent[0]?.command).toEqual({
      command_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      robot_id: "r1",
      action: "stop",
      params: {},
      expires_at: 1_002_000,
      ttl_ms: 2_000,
    });
  });

  it("keeps with a policy's command the packet that it was made from", async () => {
    const { commander, rows, ended } = createScene(acknowledged);
    commander.request(drive, { sender: "policy:wall-following", streamId: commandId, seq: 42 });
    await ended();
    expect(rows[0]).toMatchObject({
      sender: "policy:wall-following",
      streamId: commandId,
      seq: 42,
      createdAt: 1_000_000,
    });
  });

  it.each<[string, () => Promise<unknown>, string, unknown]>([
    ["an answer that it failed", async () => ({ status: "failed", result: "stuck" }), "failed", "stuck"],
    ["an answer that it came too late", async () => ({ status: "expired" }), "expired", undefined],
    ["no answer", () => Promise.reject(new Error("timeout")), "expired", { problem: "no answer from the relay" }],
    ["nonsense", async () => "ok", "failed", { problem: expect.stringContaining("a robot's answer") }],
    ["a status that is not the robot's", async () => ({ status: "rejected" }), "failed", expect.anything()],
    [
      "an answer that cannot be stored",
      async () => ({ status: "acknowledged", result: "\u0000" }),
      "acknowledged",
      { problem: expect.stringContaining("cannot be stored") },
    ],
  ])("takes %s for what it is", async (_what, answer, status, result) => {
    const { commander, updates, rows, ended } = createScene(answer);
    commander.request(drive, byViewer);
    await ended();
    expect(rows.at(-1)).toMatchObject({ status, ...(result === undefined ? {} : { result }) });
    expect(updates.at(-1)).toMatchObject({ status, ...(result === undefined ? {} : { result }) });
    expect(rows).toHaveLength(2);
  });

  it("does not wait for legacy relays, which do not answer", async () => {
    const { commander, rows, ended } = createScene(() => Promise.reject(new Error("no answer")), false);
    expect(commander.request(drive, byViewer)).toMatchObject({ ok: true, status: "sent" });
    await ended();
    expect(rows.map((row) => row.status)).toEqual(["sent"]);
  });

  it("rejects a command for a robot that no relay has, with a row", () => {
    const { commander, sent, updates, rows } = createScene(acknowledged);
    expect(commander.request({ ...drive, robot_id: "r9" }, byViewer)).toMatchObject({
      ok: false,
      error: { code: "unknown_robot", message: expect.stringContaining("r9") },
    });
    expect(sent).toEqual([]);
    expect(rows.map((row) => row.status)).toEqual(["rejected"]);
    expect(updates.map((update) => update.status)).toEqual(["rejected"]);
  });

  it.each([
    ["a NUL", { text: "\u0000" }],
    ["binary", { bytes: new Uint8Array(2) }],
  ])("refuses params with %s, without a row", (_what, params) => {
    const { commander, sent, rows } = createScene(acknowledged);
    expect(commander.request({ ...drive, params }, byViewer)).toMatchObject({ error: { code: "unstorable" } });
    expect(sent).toEqual([]);
    expect(rows).toEqual([]);
  });

  it("executes an id once, however often and in whatever case it comes, and says where the command stands", async () => {
    const { commander, sent, rows, ended } = createScene(acknowledged);
    const request = { ...drive, command_id: commandId };
    commander.request(request, byViewer);
    expect(commander.request(request, byViewer)).toEqual({ ok: true, command_id: commandId, status: "sent" });
    await ended();
    expect(commander.request({ ...request, command_id: commandId.toUpperCase() }, byViewer)).toEqual({
      ok: true,
      command_id: commandId,
      status: "acknowledged",
    });
    expect(sent).toHaveLength(1);
    expect(rows).toHaveLength(2);
  });

  it("remembers an id for as long as its command lives, and a minute at least", async () => {
    const { commander, clock, sent } = createScene(() => new Promise(() => undefined));
    const short = { ...drive, command_id: commandId.replace("0b", "aa"), ttl_ms: 1_000 };
    const long = { ...drive, command_id: commandId, ttl_ms: 600_000 };
    commander.request(long, byViewer);
    commander.request(short, byViewer);
    clock.now += 59_999;
    commander.request(short, byViewer);
    for (let minute = 0; minute < 9; minute++) {
      commander.request(long, byViewer);
      clock.now += 60_000;
    }
    expect(sent).toHaveLength(2);
    commander.request(short, byViewer);
    expect(sent).toHaveLength(3);
    clock.now += 120_000;
    commander.request(long, byViewer);
    expect(sent).toHaveLength(4);
  });
});

describe("a command for a robot of another hub", () => {
  function createForwarding(reachable = true) {
    const forwarded: ForwardedCommand[] = [];
    const hub: HubLink = {
      send(command) {
        forwarded.push(command);
        return reachable;
      },
    };
    return { forwarded, ...createScene(acknowledged, true, hub) };
  }
  const request = { ...drive, command_id: commandId, ttl_ms: 500 };
  const identity = { command_id: commandId, robot_id: "r1", action: "drive", sender: "unity-1" };

  it("goes there once; that hub writes it down and says what became of it", () => {
    const { commander, forwarded, rows, updates, sent, clock } = createForwarding();
    for (let time = 0; time < 2; time++) {
      expect(commander.request(request, byViewer)).toEqual({ ok: true, command_id: commandId, status: "sent" });
    }
    expect(forwarded).toEqual([{ request, expires_at: 1_000_500, sender: "unity-1" }]);
    expect(commander.heard({ ...identity, status: "sent" })).toBe(true);
    expect(commander.heard({ ...identity, status: "acknowledged", result: 1 })).toBe(true);
    expect(commander.heard({ ...identity, status: "acknowledged", result: 1 })).toBe(false);
    expect(commander.request(request, byViewer)).toMatchObject({ status: "acknowledged" });
    clock.now += 10_000;
    commander.tick();
    expect([rows, updates, sent]).toEqual([[], [], []]);
  });

  it("expires when that hub says nothing", () => {
    const { commander, updates, rows, clock } = createForwarding();
    commander.request(request, byViewer);
    clock.now += 500;
    commander.tick();
    expect(updates).toEqual([]);
    clock.now += 2_000;
    commander.tick();
    commander.tick();
    expect(updates).toMatchObject([{ ...identity, status: "expired" }]);
    expect(rows).toHaveLength(1);
  });

  it("is rejected when that hub cannot be reached, with a row", () => {
    const { commander, rows } = createForwarding(false);
    expect(commander.request(request, byViewer)).toMatchObject({ ok: false, error: { code: "unavailable" } });
    expect(rows.map((row) => row.status)).toEqual(["rejected"]);
  });

  it("is executed there, and the hub that asked is told", async () => {
    const { commander, sent, rows, told, ended } = createScene(acknowledged);
    const stream_id = commandId.replace("0b", "aa");
    const forwarded = { request, expires_at: 1_000_400, sender: "policy:p", stream_id, seq: 4 };
    expect(commander.execute(forwarded, "hub-b")).toBeUndefined();
    await ended();
    expect(sent).toMatchObject([{ command: { command_id: commandId, expires_at: 1_000_400, ttl_ms: 400 } }]);
    expect(rows.at(-1)).toMatchObject({ sender: "policy:p", streamId: stream_id, seq: 4, status: "acknowledged" });
    expect(told).toEqual(["hub-b: sent", "hub-b: acknowledged"]);
    expect(commander.execute(forwarded, "hub-c")).toEqual({ ...identity, sender: "policy:p", status: "acknowledged" });
    expect(sent).toHaveLength(1);
  });

  it("is not given a longer life by a clock that is behind, and none when it is over", async () => {
    const { commander, sent, updates, ended } = createScene(acknowledged);
    commander.execute({ request, expires_at: 9_000_000, sender: "v" }, "hub-b");
    const late = { ...request, command_id: commandId.replace("0b", "aa") };
    commander.execute({ request: late, expires_at: 1_000_000, sender: "v" }, "hub-b");
    await ended();
    expect(sent.map(({ command }) => command.ttl_ms)).toEqual([500]);
    expect(updates.filter(({ status }) => status === "expired")).toHaveLength(1);
  });

  it("tells a hub that asks for one under way what becomes of it", async () => {
    const { commander, told, ended } = createScene(acknowledged);
    commander.request(request, byViewer);
    const asked = commander.execute({ request, expires_at: 1_000_500, sender: "unity-2" }, "hub-b");
    expect(asked).toEqual({ ...identity, status: "sent" });
    await ended();
    expect(told).toEqual(["hub-b: acknowledged"]);
  });

  it("that the gate refuses does not vanish: the hub that asked is told", () => {
    const { commander, sent } = createScene(acknowledged);
    const unstorable = { ...request, params: { text: "\u0000" } };
    const answer = commander.execute({ request: unstorable, expires_at: 1_000_500, sender: "v" }, "hub-b");
    expect(answer).toMatchObject({
      command_id: commandId,
      status: "rejected",
      result: { problem: expect.stringContaining("NUL") },
    });
    expect(sent).toEqual([]);
  });

  it("whose fate was heard is not executed again", () => {
    const { commander, sent } = createScene(acknowledged);
    commander.heard({ ...identity, status: "expired" });
    expect(commander.request(request, byViewer)).toEqual({ ok: true, command_id: commandId, status: "expired" });
    expect(sent).toEqual([]);
  });
});

describe("a command for a robot that understands only bytes", () => {
  const request = { ...drive, command_id: commandId, ttl_ms: 500 };
  const bytes = { relay_id: "relay-1", payload: "55 0e 04" };
  const named = { ...bytes, robot_id: "r1", command_id: commandId };

  /** The robot's bytes are made by the worker `w1`. */
  function createEncoded(...scene: Parameters<typeof createScene>) {
    const asked: RobotCommand[] = [];
    const { workers, ...others } = createScene(...scene);
    workers.push({ workerId: "w1", robotTypes: ["EP01"], send: (command) => void asked.push(command) });
    return { asked, ...others };
  }
  const statusesIn = (rows: readonly CommandRow[]) => rows.map(({ status }) => status);

  it("goes to the worker first, and its bytes to the relay with what is left of its life", async () => {
    const { commander, asked, sent, rows, updates, clock, ended } = createEncoded(acknowledged);
    expect(commander.request(request, byViewer)).toEqual({ ok: true, command_id: commandId, status: "sent" });
    expect(asked).toEqual([{ command_id: commandId, ...drive, expires_at: 1_000_500, ttl_ms: 500 }]);
    expect([sent, commander.stats.underWay]).toEqual([[], 1]);
    clock.now += 100;
    expect(commander.receiveBytes(named, "w1")).toEqual({ ok: true });
    await ended();
    expect(sent).toEqual([{ command: { ...named, expires_at: 1_000_500, ttl_ms: 400 }, timeoutMs: 900 }]);
    expect(statusesIn(rows)).toEqual(["sent", "acknowledged"]);
    expect(updates.at(-1)).toMatchObject({ command_id: commandId, action: "drive", sender: "unity-1" });
  });

  it("is found again when the worker does not name it: the oldest of this relay", async () => {
    const { commander, sent } = createEncoded(acknowledged);
    const second = commandId.replace("0b", "aa");
    commander.request(request, byViewer);
    commander.request({ ...request, command_id: second }, byViewer);
    for (const payload of ["01", "02"])
      expect(commander.receiveBytes({ ...bytes, payload }, "w1")).toEqual({ ok: true });
    expect(sent.map(({ command }) => command)).toMatchObject([
      { command_id: commandId, payload: "01" },
      { command_id: second, payload: "02" },
    ]);
  });

  it("is executed once, however often its bytes come, and only by the bytes of the worker that was asked", async () => {
    const { commander, sent } = createEncoded(acknowledged);
    commander.request(request, byViewer);
    const refused = {
      ok: false,
      error: { code: "invalid_message", message: expect.stringContaining("does not wait") },
    };
    expect(commander.receiveBytes(named, "w2")).toEqual(refused);
    expect(commander.receiveBytes({ ...named, command_id: commandId.toUpperCase() }, "w1")).toEqual({ ok: true });
    expect(commander.receiveBytes(named, "w1")).toEqual(refused);
    expect(sent).toHaveLength(1);
  });

  it("expires when the worker does not answer in time, and its bytes are refused then", () => {
    const { commander, sent, rows, clock } = createEncoded(acknowledged);
    commander.request(request, byViewer);
    clock.now += 500;
    expect(commander.receiveBytes(named, "w1")).toMatchObject({
      error: { message: expect.stringContaining("too late") },
    });
    commander.request({ ...request, command_id: commandId.replace("0b", "aa") }, byViewer);
    clock.now += 500;
    commander.tick();
    expect(rows.map(({ status, result }) => [status, result])).toEqual([
      ["sent", undefined],
      ["expired", { problem: "the worker made its bytes too late" }],
      ["sent", undefined],
      ["expired", { problem: "no bytes from the worker" }],
    ]);
    expect(sent).toEqual([]);
  });

  it("is rejected when the relay has gone meanwhile", () => {
    const { commander, rows } = createEncoded(acknowledged);
    commander.request(request, byViewer);
    const elsewhere = { ...named, relay_id: "relay-9" };
    expect(commander.receiveBytes(elsewhere, "w1")).toMatchObject({ error: { code: "unknown_robot" } });
    expect(statusesIn(rows)).toEqual(["sent", "rejected"]);
  });

  it("is rejected when too many wait at the worker already", () => {
    const { commander, asked } = createEncoded(acknowledged);
    for (let count = 0; count < 1_000; count++) commander.request(drive, byViewer);
    expect(commander.request(drive, byViewer)).toMatchObject({ error: { code: "overloaded" } });
    expect(asked).toHaveLength(1_000);
  });

  it("may come from the worker itself: its bytes are audited as a command of their own", async () => {
    const { commander, sent, rows, ended } = createEncoded(acknowledged);
    expect(commander.receiveBytes({ ...bytes, payload: new Uint8Array([0x55, 0x0e]) }, "w1")).toEqual({ ok: true });
    await ended();
    expect(sent).toMatchObject([{ command: { payload: new Uint8Array([0x55, 0x0e]), ttl_ms: 2_000 } }]);
    const own = { robotId: "relay-1", command: "hex", params: { payload: "550e" }, sender: "worker:w1" };
    expect(rows).toMatchObject([
      { ...own, status: "sent" },
      { ...own, status: "acknowledged" },
    ]);
  });

  it.each([["no hex"], [""], [87], [[1, 256]], ["00".repeat(40_000)]])("is not made of %.20j", (payload) => {
    const { commander, sent, rows } = createEncoded(acknowledged);
    commander.request(request, byViewer);
    expect(commander.receiveBytes({ ...named, payload }, "w1")).toMatchObject({ ok: false });
    expect([sent, statusesIn(rows)]).toEqual([[], ["sent"]]);
  });
});
