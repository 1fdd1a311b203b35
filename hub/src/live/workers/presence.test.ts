import { describe, expect, it } from "vitest";
import { createPresence } from "./presence.ts";

describe("presence", () => {
  it("is told once, however many places an id is at, and ends with the last of them", () => {
    const changes: string[] = [];
    const presence = createPresence((id, status) => void changes.push(`${id} ${status}`));
    presence.come("w", "here");
    presence.come("w", "hub-b");
    presence.come("w", "hub-b");
    presence.go("w", "here");
    presence.go("w", "hub-c");
    expect(changes).toEqual(["w online"]);
    presence.go("w", "hub-b");
    presence.go("w", "hub-b");
    expect(changes).toEqual(["w online", "w offline"]);
    presence.come("w", "here");
    expect(changes).toHaveLength(3);
  });
});
