import { maxDepth, type Packet } from "@physical-ai/unity-protocol";
import { pino } from "pino";
import { expect, it } from "vitest";
import { Intake } from "./intake.ts";

const packet = { robot_id: "EP01", robot_type: "EP01", type: "imu", val: 1 };

it("knows for how long the log has taken nothing", async () => {
  const taken: (() => void)[] = [];
  const append = () => new Promise<number>((resolve) => taken.push(() => resolve(1)));
  const log = { append };
  const onFailure = (error: unknown) => expect.fail(String(error));
  let now = 0;
  const logger = pino({ level: "silent" });
  const intake = new Intake({ log, onAppended: () => undefined, onFailure, logger, now: () => now });
  expect(intake.stalledMs).toBe(0);
  const accepted = [intake.accept([packet]), intake.accept([packet])];
  now += 2;
  expect(intake.stalledMs).toBe(2);
  for (const take of taken) take();
  await Promise.all(accepted);
  expect(intake.stalledMs).toBe(0);
});

it("lets nothing into the log that is nested deeper than the contract allows", async () => {
  const appended: Packet[] = [];
  const append = async (packets: readonly Packet[]) => appended.push(...packets);
  const onFailure = (error: unknown) => expect.fail(String(error));
  const logger = pino({ level: "silent" });
  const intake = new Intake({ log: { append }, onAppended: () => undefined, onFailure, logger });
  const nested = (levels: number) => ({ ...packet, val: JSON.parse("[".repeat(levels) + "]".repeat(levels)) });
  await intake.accept([nested(6_000), nested(maxDepth), nested(maxDepth + 1)]);
  expect(appended).toEqual([nested(maxDepth)]);
  expect(intake.counts).toEqual({ produced: 3, invalid: 2 });
});
