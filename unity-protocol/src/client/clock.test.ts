import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HubClock } from "./clock.ts";

/** Both clocks show the same, so that samples read as if they were of either. */
const createClock = () => new HubClock({ monotonic: () => 0, wall: () => 0 });

describe("HubClock", () => {
  it("believes in no offset until something is known", () => {
    expect(createClock().offsetMs).toBe(0);
  });

  it("takes the hub's time as that of the middle of the way", () => {
    const clock = createClock();
    clock.add({ sentAt: 1_000, serverTime: 6_020, receivedAt: 1_040 });
    expect(clock.offsetMs).toBe(5_000);
  });

  it("believes the sample with the shortest round trip, the newest of equals", () => {
    const clock = createClock();
    clock.add({ sentAt: 0, serverTime: 100, receivedAt: 10 });
    clock.add({ sentAt: 0, serverTime: 900, receivedAt: 500 });
    expect(clock.offsetMs).toBe(95);
    clock.add({ sentAt: 20, serverTime: 125, receivedAt: 30 });
    expect(clock.offsetMs).toBe(100);
  });

  it("forgets old samples, so that a step of a clock is followed", () => {
    const clock = createClock();
    clock.add({ sentAt: 0, serverTime: 0, receivedAt: 1 });
    for (let asked = 0; asked < 8; asked++)
      clock.add({ sentAt: asked, serverTime: asked + 1_005, receivedAt: asked + 10 });
    expect(clock.offsetMs).toBe(1_000);
  });

  it("is never further off than half the shortest round trip", () => {
    const delays = fc.tuple(fc.nat(2_000), fc.nat(2_000));
    fc.assert(
      fc.property(fc.integer(), fc.array(delays, { minLength: 1, maxLength: 8 }), (offset, ways) => {
        const clock = createClock();
        for (const [there, back] of ways) {
          clock.add({ sentAt: 0, serverTime: there + offset, receivedAt: there + back });
        }
        const shortest = Math.min(...ways.map(([there, back]) => there + back));
        expect(Math.abs(clock.offsetMs - offset)).toBeLessThanOrEqual(shortest / 2);
      }),
    );
  });

  it("tells the hub's time", () => {
    let monotonic = 0;
    const clock = new HubClock({ monotonic: () => monotonic, wall: () => 1_000_000 + monotonic });
    clock.add({ sentAt: 0, serverTime: 1_000_250, receivedAt: 0 });
    monotonic = 60;
    expect(clock.now()).toBe(1_000_310);
  });

  it("follows a step of the system's clock at once, and no rounding of it", () => {
    const clocks = { monotonicMs: 0, wallMs: 1_000 };
    const clock = new HubClock({ monotonic: () => clocks.monotonicMs, wall: () => clocks.wallMs });
    clock.add({ sentAt: 0, serverTime: 5_000, receivedAt: 0 });
    expect(clock.offsetMs).toBe(4_000);
    clocks.monotonicMs = 0.7;
    expect(clock.offsetMs).toBe(4_000);
    clocks.wallMs = 172_801_000;
    expect(clock.offsetMs).toBeCloseTo(5_000.7 - 172_801_000, 3);
    expect(clock.now()).toBeCloseTo(5_000.7, 3);
  });
});
