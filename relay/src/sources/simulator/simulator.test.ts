import { type Packet, validate } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { Simulator } from "./simulator.ts";

const ahead = { action: "drive", params: { linear: 0.5, angular: 0 } };
const ofType = (packets: readonly Packet[], type: string) => packets.filter((packet) => packet.type === type);

/** Keeps driving straight ahead for so long, across the watchdog. */
function driveAhead(simulator: Simulator, ms: number): Packet[] {
  return Array.from({ length: ms / 100 }, () => {
    simulator.apply(ahead);
    return simulator.step(100);
  }).flat();
}

describe("determinism", () => {
  it("gives the same packets for the same seed, however long the steps are", () => {
    const [one, two] = [new Simulator({ seed: 5 }), new Simulator({ seed: 5 })];
    one.apply(ahead);
    two.apply(ahead);
    const coarse = [...one.step(400), ...one.step(600)];
    const fine = Array.from({ length: 125 }, () => two.step(8)).flat();
    expect(fine).toEqual(coarse);
    expect(two.state).toEqual(one.state);
  });

  it("gives another room for another seed", () => {
    expect(new Simulator({ seed: 1 }).room).not.toEqual(new Simulator({ seed: 2 }).room);
  });
});

describe("packets", () => {
  const packets = new Simulator({ seed: 3, robotId: "R7", robotType: "GO1", startTs: 1_000_000 }).step(12_000);

  it("keep the contract and bear simulated time in order", () => {
    expect(packets.every((packet) => validate.packet(packet).ok)).toBe(true);
    expect(packets[0]).toMatchObject({ robot_id: "R7", robot_type: "GO1", ts: 1_000_000 });
    const times = packets.map(({ ts }) => ts ?? 0);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(1_012_000);
  });

  it.each([
    ["ultrasound", 108],
    ["odom", 120],
    ["imu", 120],
    ["battery", 12],
    ["force_torque", 572],
    ["map", 2],
    ["impact", 0],
  ])("of type %s come %i times in 12 s", (type, times) => {
    expect(Math.abs(ofType(packets, type).length - times)).toBeLessThanOrEqual(1);
  });

  it("have the documented values", () => {
    const first = (type: string) => ofType(packets, type)[0]?.val;
    const numbers = (length: number) => Array.from({ length }, () => expect.any(Number));
    expect(first("ultrasound")).toEqual({ ranges: numbers(24) });
    expect(first("odom")).toMatchObject({ x: expect.any(Number), yaw: expect.any(Number), linear: 0, frame: "map" });
    expect(first("imu")).toEqual({ acc: numbers(3), gyro: numbers(3) });
    expect(first("force_torque")).toEqual({ wrench: numbers(6) });
    expect(first("battery")).toEqual(expect.any(Number));
    expect(first("map")).toEqual({ walls: Array.from({ length: 14 }, () => numbers(4)), radius: 0.3 });
  });
});

describe("commands", () => {
  it("move the robot until the watchdog stops it a second after the last one", () => {
    const simulator = new Simulator({ seed: 1 });
    expect(simulator.apply(ahead)).toEqual({ status: "acknowledged" });
    simulator.step(999);
    expect(simulator.state.velocity.linear).toBeCloseTo(0.5);
    simulator.step(1_000);
    expect(simulator.state.velocity.linear).toBe(0);
  });

  it("hold across the watchdog when they are repeated", () => {
    const simulator = new Simulator({ seed: 1 });
    driveAhead(simulator, 1_500);
    expect(simulator.state.velocity.linear).toBeCloseTo(0.5);
  });

  it("that it does not understand are answered as failed and change nothing", () => {
    const simulator = new Simulator({ seed: 1 });
    expect(simulator.apply({ action: "fly" })).toMatchObject({
      status: "failed",
      result: { message: expect.stringMatching(/fly/) },
    });
    simulator.step(500);
    expect(simulator.state.velocity).toEqual({ linear: 0, angular: 0 });
  });
});

it("counts a long push against a wall as one collision, with one impact and a jolt", () => {
  const simulator = new Simulator({ seed: 1 });
  const packets = driveAhead(simulator, 15_000);
  expect(simulator.state.collisions).toBe(1);
  expect(simulator.state.clearance).toBeGreaterThan(-0.001);
  const [impact, ...others] = ofType(packets, "impact");
  expect(others).toEqual([]);
  expect(impact?.val).toMatchObject({ x: expect.any(Number), y: expect.any(Number), speed: expect.any(Number) });
  const jolts = ofType(packets, "force_torque").filter(({ val }) => {
    const { wrench } = val as { wrench: number[] };
    return Math.max(...wrench.map(Math.abs)) > 120;
  });
  expect(jolts.length).toBeGreaterThan(0);
  expect(jolts.length).toBeLessThan(4);
});
