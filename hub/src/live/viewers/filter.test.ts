import { describe, expect, it } from "vitest";
import { compileFilter, summariseFilters } from "./filter.ts";

describe("a summary of filters", () => {
  it("has each once, without its pace", () => {
    expect(summariseFilters([{ robots: ["r1"], max_hz: 5 }, { robots: ["r1"] }, { types: ["imu"] }])).toEqual([
      { robots: ["r1"] },
      { types: ["imu"] },
    ]);
    expect(summariseFilters([])).toEqual([]);
  });

  it("is everything where one viewer wants that, or where the names are too many", () => {
    expect(summariseFilters([{ robots: ["r1"] }, { max_hz: 1 }])).toEqual([{}]);
    const many = Array.from({ length: 1_001 }, (_, index) => `r${index}`);
    expect(summariseFilters([{ robots: many }])).toEqual([{}]);
    expect(summariseFilters(many.map((id) => ({ robots: [id] })))).toEqual([{}]);
  });

  it("never lets less through than the filters themselves", () => {
    const filters = [{ robots: ["r1"], types: ["imu"] }, { types: ["battery"] }, { robots: [] }];
    const summary = summariseFilters(filters).map(compileFilter);
    for (const robot of ["r1", "r2"]) {
      for (const type of ["imu", "battery", undefined]) {
        const wanted = filters.some((filter) => compileFilter(filter)(robot, type));
        expect(summary.some((wants) => wants(robot, type))).toBe(wanted);
      }
    }
  });
});
