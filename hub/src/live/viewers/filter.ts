/** What a viewer asked for. */
import type { ViewerFilter } from "@physical-ai/unity-protocol";

/** Statuses and commands have no type: the robot alone decides. */
export type Wants = (robotId: string, type: string | undefined) => boolean;

/** Makes the test that a filter stands for; a list that is missing lets everything through. */
export function compileFilter(filter: ViewerFilter): Wants {
  const robots = filter.robots === undefined ? undefined : new Set(filter.robots);
  const types = filter.types === undefined ? undefined : new Set(filter.types);
  return (robotId, type) =>
    (robots === undefined || robots.has(robotId)) && (types === undefined || type === undefined || types.has(type));
}

/** More names than other hubs should hear every second. */
const maxNames = 1_000;

/** The different filters without their pace, few enough to tell others; else one that lets everything through. */
export function summariseFilters(filters: Iterable<ViewerFilter>): ViewerFilter[] {
  const different = new Map<string, ViewerFilter>();
  let names = 0;
  for (const { robots, types } of filters) {
    const filter = { ...(robots === undefined ? {} : { robots }), ...(types === undefined ? {} : { types }) };
    const key = JSON.stringify(filter);
    if (different.has(key)) continue;
    different.set(key, filter);
    names += 1 + (robots?.length ?? 0) + (types?.length ?? 0);
    if (names > maxNames) return [{}];
  }
  return different.has("{}") ? [{}] : [...different.values()];
}
