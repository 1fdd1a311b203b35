import type { CommandUpdate } from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { Commands } from "./commands.ts";

const update = (commandId: string, status: CommandUpdate["status"], action = "drive"): CommandUpdate => ({
  command_id: commandId,
  robot_id: "EP01",
  action,
  sender: "policy",
  status,
});

describe("commands", () => {
  it("count once each, under their newest status", () => {
    const commands = new Commands();
    commands.take(update("1", "sent"), 1);
    commands.take(update("2", "sent"), 2);
    commands.take(update("1", "acknowledged"), 3);
    const [run] = commands.runs;
    expect(commands.runs).toHaveLength(1);
    expect(run?.counts.get("sent")).toBe(1);
    expect(run?.counts.get("acknowledged")).toBe(1);
    expect(commands.statusOf("1")).toBe("acknowledged");
  });

  it("of another action begin a new run, on top", () => {
    const commands = new Commands();
    commands.take(update("1", "sent"), 1);
    commands.take(update("2", "sent", "stop"), 2);
    expect(commands.runs.map((run) => run.action)).toEqual(["stop", "drive"]);
  });

  it("are forgotten after a while", () => {
    const commands = new Commands();
    for (let index = 0; index < 1_000; index += 1) commands.take(update(String(index), "sent"), index);
    expect(commands.statusOf("0")).toBeUndefined();
    expect(commands.statusOf("999")).toBe("sent");
    expect(commands.runs).toHaveLength(1);
  });
});
