import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HubClock } from "./clock.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("HubClock", () => {
  it("believes in no offset until something is known", () => {
    expect(new HubClock().offsetMs).toBe(0);
  });

  it("takes the hub's time as that of the middle of the way", () => {
    const clock = new HubClock();
    clock.add({ sentAt: 1_000, serverTime: 6_020, receivedAt: 1_040 });
    expect(clock.offsetMs).toBe(5_000);
  });

  it("believes the sample with the shortest round trip, the newest of equals", () => {
    const clock = new HubClock();
    clock.add({ sentAt: 0, serverTime: 100, receivedAt: 10 });
    clock.add({ sentAt: 0, serverTime: 900, receivedAt: 500 });
    expect(clock.offsetMs).toBe(95);
    clock.add({ sentAt: 20, serverTime: 125, receivedAt: 30 });
    expect(clock.offsetMs).toBe(100);
  });

  it("forgets old samples, so that a step of a clock is followed", () => {
    const clock = new HubClock();
    clock.add({ sentAt: 0, serverTime: 0, receivedAt: 1 });
    for (let asked = 0; asked < 8; asked++)
      clock.add({ sentAt: asked, serverTime: asked + 1_005, receivedAt: asked + 10 });
    expect(clock.offsetMs).toBe(1_000);
  });

  it("is never further off than half the shortest round trip", () => {
    const delays = fc.tuple(fc.nat(2_000), fc.nat(2_000));
    fc.assert(
      fc.property(fc.integer(), fc.array(delays, { minLength: 1, maxLength: 8 }), (offset, ways) => {
        const clock = new HubClock();
        for (const [there, back] of ways) {
          clock.add({ sentAt: 0, serverTime: there + offset, receivedAt: there + back });
        }
        const shortest = Math.min(...ways.map(([there, back]) => there + back));
        expect(Math.abs(clock.offsetMs - offset)).toBeLessThanOrEqual(shortest / 2);
      }),
    );
  });

  it("tells the hub's time", () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const clock = new HubClock();
    clock.add({ sentAt: 0, serverTime: 250, receivedAt: 0 });
    expect(clock.now()).toBe(1_000_250);
  });
});
