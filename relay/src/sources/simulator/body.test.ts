import { describe, expect, it } from "vitest";
import { bodyRadius, clearance, collide, drain, drive, limits, type Motion, readDriveCommand } from "./body.ts";

const atRest: Motion = { pose: { x: 0, y: 0, yaw: 0 }, velocity: { linear: 0, angular: 0 } };
const wall = { a: { x: 1, y: -5 }, b: { x: 1, y: 5 } };

function driveFor(seconds: number, wanted: Motion["velocity"], from: Motion = atRest): Motion {
  let motion = from;
  for (let step = 0; step < seconds * 1_000; step += 1) motion = drive(motion, wanted, 0.001);
  return motion;
}

describe("driving", () => {
  it("gains speed no faster than the motors can", () => {
    expect(drive(atRest, { linear: 1, angular: -1 }, 0.1).velocity).toEqual({
      linear: limits.linearAcceleration * 0.1,
      angular: -limits.angularAcceleration * 0.1,
    });
  });

  it("goes straight ahead", () => {
    const moving = { ...atRest, velocity: { linear: 0.5, angular: 0 } };
    const { pose } = driveFor(2, moving.velocity, moving);
    expect(pose.x).toBeCloseTo(1);
    expect(pose.y).toBeCloseTo(0);
  });

  it("turns counter-clockwise for positive speeds, on a circle of radius v/ω", () => {
    const velocity = { linear: 0.5, angular: 1 };
    const { pose } = driveFor(Math.PI, velocity, { ...atRest, velocity });
    expect(pose.x).toBeCloseTo(0, 2);
    expect(pose.y).toBeCloseTo(1, 2);
    expect(Math.abs(pose.yaw)).toBeCloseTo(Math.PI, 2);
  });

  it("comes to rest when nothing is wanted", () => {
    const { velocity } = driveFor(2, { linear: 0, angular: 0 }, { ...atRest, velocity: { linear: 1, angular: -2 } });
    expect(velocity).toEqual({ linear: 0, angular: 0 });
  });
});

describe("walls", () => {
  it("leave a clearance", () => {
    expect(clearance({ x: 0, y: 0 }, [wall])).toBeCloseTo(1 - bodyRadius);
  });

  it("do not touch a body beside them", () => {
    expect(collide(atRest, [wall])).toEqual({ motion: atRest, contact: undefined });
  });

  it("stop a body that drives straight at them, at their surface", () => {
    const { motion, contact } = collide({ pose: { x: 0.75, y: 1, yaw: 0 }, velocity: { linear: 0.4, angular: 0 } }, [
      wall,
    ]);
    expect(motion.velocity.linear).toBeCloseTo(0);
    expect(clearance(motion.pose, [wall])).toBeCloseTo(0);
    expect(contact).toMatchObject({ point: { x: 1, y: 1 }, bearing: 0 });
    expect(contact?.speed).toBeCloseTo(0.4);
  });

  it("let a body slide along them", () => {
    const along = { pose: { x: 0.75, y: 0, yaw: Math.PI / 2 }, velocity: { linear: 0.4, angular: 0 } };
    const { motion, contact } = collide(along, [wall]);
    expect(motion.velocity.linear).toBeCloseTo(0.4);
    expect(contact?.bearing).toBeCloseTo(-Math.PI / 2);
    expect(contact?.speed).toBeCloseTo(0);
  });
});

describe("a battery", () => {
  it("falls, and faster while driving", () => {
    const resting = drain(80, { linear: 0, angular: 0 }, 60);
    const driving = drain(80, { linear: 0.3, angular: 0 }, 60);
    expect(resting).toBeLessThan(80);
    expect(driving).toBeLessThan(resting);
  });

  it("is swapped for a full one when it is nearly empty", () => {
    expect(drain(10.001, { linear: 0.3, angular: 0 }, 1)).toBe(100);
  });
});

describe("a drive command", () => {
  it("understands drive and stop", () => {
    const params = { linear: 0.3, angular: -0.4 };
    expect(readDriveCommand({ action: "drive", params })).toEqual({ ok: true, velocity: params });
    expect(readDriveCommand({ action: "stop" })).toEqual({ ok: true, velocity: { linear: 0, angular: 0 } });
  });

  it.each([
    ["an unknown action", { action: "fly" }, /action must be "drive" or "stop"; got "fly"/],
    ["no params", { action: "drive" }, /params of drive: it must be object; got nothing/],
    ["a missing speed", { action: "drive", params: { linear: 0.1 } }, /angular/],
    ["text", { action: "drive", params: { linear: "0.1", angular: 0 } }, /linear must be number; got "0.1"/],
    ["too fast", { action: "drive", params: { linear: 9, angular: 0 } }, /linear must be <= 1; got 9/],
    ["what is no number", { action: "drive", params: { linear: Number.NaN, angular: 0 } }, /linear/],
    ["unknown params", { action: "drive", params: { linear: 0, angular: 0, sideways: 1 } }, /params of drive/],
  ])("refuses %s", (_, command, problem) => {
    expect(readDriveCommand(command)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });
});
