import { describe, expect, it } from "vitest";
import type { HubState } from "../live/live.ts";
import { Membership } from "./members.ts";

const stateOf = (...workers: string[]): HubState => ({
  robots: [],
  viewers: [],
  workers: workers.map((worker_id) => ({ worker_id, subscriptions: [] })),
});

function createScene() {
  const clock = { now: 10_000 };
  return { clock, membership: new Membership(3_000, () => clock.now) };
}

describe("the membership", () => {
  it("knows a hub from its first heartbeat on, and what it said before", () => {
    const { membership } = createScene();
    expect(membership.heard("a", stateOf("w1"))).toBeUndefined();
    expect(membership.heard("a", stateOf("w2"))).toEqual(stateOf("w1"));
    expect(membership.heard("b", stateOf())).toBeUndefined();
    expect(membership.size).toBe(2);
  });

  it("lets go of those that are silent for too long, once", () => {
    const { clock, membership } = createScene();
    membership.heard("a", stateOf());
    clock.now += 2_000;
    membership.heard("b", stateOf());
    clock.now += 1_000;
    expect(membership.takeSilent()).toEqual([]);
    clock.now += 1;
    expect(membership.takeSilent()).toEqual(["a"]);
    expect(membership.takeSilent()).toEqual([]);
    expect(membership.size).toBe(1);
  });

  it("does not call others silent because this process stood still", () => {
    const { clock, membership } = createScene();
    membership.heard("a", stateOf());
    membership.takeSilent();
    clock.now += 60_000;
    expect(membership.takeSilent()).toEqual([]);
    for (let second = 0; second < 2; second++) {
      clock.now += 1_000;
      expect(membership.takeSilent()).toEqual([]);
    }
    clock.now += 1_000;
    expect(membership.takeSilent()).toEqual(["a"]);
  });

  it("keeps those whose heart beats", () => {
    const { clock, membership } = createScene();
    for (let second = 0; second < 60; second++) {
      membership.heard("a", stateOf());
      clock.now += 1_000;
      expect(membership.takeSilent()).toEqual([]);
    }
  });

  it("takes one that comes back for a new one", () => {
    const { clock, membership } = createScene();
    membership.heard("a", stateOf("w1"));
    clock.now += 3_001;
    membership.takeSilent();
    expect(membership.heard("a", stateOf("w1"))).toBeUndefined();
  });

  it("lets one go that says so, if it was here", () => {
    const { membership } = createScene();
    membership.heard("a", stateOf());
    expect(membership.left("a")).toBe(true);
    expect(membership.left("a")).toBe(false);
    expect(membership.size).toBe(0);
  });
});
