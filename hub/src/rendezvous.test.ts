import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseByRendezvous } from "./rendezvous.ts";

const robots = Array.from({ length: 3_000 }, (_, index) => `EP01_CHASSIS_${index}`);
const choose = (robot: string, workers: readonly string[]) => chooseByRendezvous(robot, workers, (worker) => worker);

describe("chooseByRendezvous", () => {
  it("chooses nobody of nobody, and the only one of one", () => {
    expect(choose("r", [])).toBeUndefined();
    expect(choose("r", ["w"])).toBe("w");
  });

  it("does not depend on the order in which workers came", () => {
    const workers = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.string(), workers, (robot, ids) => {
        expect(choose(robot, ids)).toBe(choose(robot, [...ids].reverse()));
      }),
    );
  });

  it("moves only the robots of a worker that goes", () => {
    const workers = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(fc.string(), workers, fc.nat(7), (robot, ids, which) => {
        const gone = ids[which % ids.length];
        const before = choose(robot, ids);
        fc.pre(before !== gone);
        expect(
          choose(
            robot,
            ids.filter((id) => id !== gone),
          ),
        ).toBe(before);
      }),
    );
  });

  it.each([[["worker-1", "worker-2"]], [["worker-1", "worker-2", "worker-3"]], [["a", "b", "c", "d", "e"]]])(
    "spreads robots evenly over %j",
    (workers) => {
      const share = robots.length / workers.length;
      for (const worker of workers) {
        const count = robots.filter((robot) => choose(robot, workers) === worker).length;
        expect(Math.abs(count - share) / share).toBeLessThan(0.15);
      }
    },
  );
});
