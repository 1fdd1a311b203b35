import { expect, test } from "vitest";
import { createAudiences } from "./audiences.ts";
import { compileFilter } from "./filter.ts";

const viewerOf = (name: string, robots?: string[], types?: string[]) => ({
  name,
  wants: compileFilter({ ...(robots && { robots }), ...(types && { types }) }),
});

test("finds those whose filters let it through, and those who came since when told", () => {
  const viewers = new Set([viewerOf("all"), viewerOf("r1", ["r1"]), viewerOf("imu", undefined, ["imu"])]);
  const audiences = createAudiences(viewers);
  const names = (robot: string, type?: string) => audiences.of(robot, type).map(({ name }) => name);
  expect([names("r1", "imu"), names("r1", "odom"), names("r2", "imu")]).toEqual([
    ["all", "r1", "imu"],
    ["all", "r1"],
    ["all", "imu"],
  ]);
  expect(names("r2")).toEqual(["all", "imu"]);
  viewers.add(viewerOf("late", ["r2"]));
  audiences.forget();
  expect(names("r2", "imu")).toEqual(["all", "imu", "late"]);
});

test("remembers so little that robots without end do not fill the memory", () => {
  let asked = 0;
  const viewers = [{ wants: () => ++asked > 0 }];
  const audiences = createAudiences(viewers);
  for (let robot = 0; robot < 600_000; robot++) audiences.of(String(robot), "imu");
  expect(asked).toBe(600_000);
  audiences.of("599999", "imu");
  expect(asked).toBe(600_000);
  audiences.of("0", "imu");
  expect(asked).toBe(600_001);
});
