import { randomUUID } from "node:crypto";
import type { RobotCommand } from "@physical-ai/unity-protocol";
import { pino } from "pino";
import { beforeEach, expect, it } from "vitest";
import { CommandExecutor } from "./command-executor.ts";

const start = 1_000_000;
let now = start;
let executed: RobotCommand[];
let executor: CommandExecutor;
const execute = (message: unknown) => executor.execute(message);

const command = (details: Partial<RobotCommand> = {}): RobotCommand => ({
  command_id: randomUUID(),
  robot_id: "EP01",
  action: "drive",
  expires_at: now + 1,
  ttl_ms: 2_000,
  ...details,
});

beforeEach(() => {
  now = start;
  executed = [];
  executor = new CommandExecutor({
    execute: async (accepted) => {
      executed.push(accepted);
      if (accepted.action === "explode") throw new Error("it exploded");
      return { status: "acknowledged", result: executed.length };
    },
    hubNow: () => now,
    logger: pino({ level: "silent" }),
  });
});

it("hands a command in time to the robot and answers what the robot says", async () => {
  const sent = command({ params: { linear: 1 } });
  expect(await execute(sent)).toEqual({ status: "acknowledged", result: 1 });
  expect(executed).toEqual([sent]);
  expect(await execute(command({ expires_at: now }))).toMatchObject({ status: "acknowledged" });
});

it("refuses what is late by the hub's clock", async () => {
  expect(await execute(command({ expires_at: now - 250 }))).toEqual({
    status: "expired",
    result: { message: "the command came 250 ms after its time to live" },
  });
  expect(executed).toEqual([]);
});

it("never executes a command twice, and gives the first answer again", async () => {
  const sent = command();
  const answers = await Promise.all([execute(sent), execute(sent)]);
  expect(answers).toEqual([
    { status: "acknowledged", result: 1 },
    { status: "acknowledged", result: 1 },
  ]);
});

it("remembers a command for as long as it lives, however many come after it", async () => {
  const long = command({ expires_at: start + 3_600_000 });
  await execute(long);
  for (let minute = 0; minute < 60; minute += 1) {
    for (let other = 0; other < 50; other += 1) await execute(command({ expires_at: now + 1 }));
    expect(await execute(long)).toEqual({ status: "acknowledged", result: 1 });
    now += 60_000;
  }
  expect(executed).toHaveLength(1 + 60 * 50);
});

it("does not execute a command again that the hub's clock, estimated anew, would give some more time", async () => {
  const sent = command({ expires_at: start + 500 });
  await execute(sent);
  now = start + 30_000;
  await execute(command());
  now = start + 400;
  expect(await execute(sent)).toEqual({ status: "acknowledged", result: 1 });
});

it("answers a robot's error as failed", async () => {
  expect(await execute(command({ action: "explode" }))).toEqual({
    status: "failed",
    result: { message: "it exploded" },
  });
});

it.each([
  ["no object", "stop", /a robot command: it must be object/],
  ["no time", { ...command(), expires_at: undefined }, /a robot command/],
  ["bytes", { relay_id: "r", payload: "55aa" }, /takes commands, not bytes/],
])("refuses %s", async (_, message, problem) => {
  expect(await execute(message)).toMatchObject({
    status: "failed",
    result: { message: expect.stringMatching(problem) },
  });
  expect(executed).toEqual([]);
});
