/** Where things lie: sensors, rays, and the room on the screen. Metres, radians; y points up in the room, down on the screen. */
import type { Pose, Wall } from "../state/payloads.ts";
import type { Point } from "../state/scene.ts";

/** A rectangle in the room. */
export interface Bounds {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** How the room lies on the screen: pixels a metre, and where the room's origin is. */
export interface Projection {
  readonly scale: number;
  readonly originX: number;
  readonly originY: number;
}

/** What one ranger sees: from the body's ring to what it hit. */
export interface Ray {
  readonly from: Point;
  readonly to: Point;
  readonly range: number;
}

/**
 * The angle of a ranger relative to the heading, counter-clockwise: the first looks back, the others follow
 * all the way round, so that of 24 (15° apart) the 13th looks ahead and the 19th to the left.
 */
export function sensorAngle(index: number, count: number): number {
  return -Math.PI + (2 * Math.PI * index) / count;
}

/** The rays of all rangers on a body's ring. */
export function castRays(pose: Pose, radius: number, ranges: readonly number[]): Ray[] {
  return ranges.map((range, index) => {
    const angle = pose.yaw + sensorAngle(index, ranges.length);
    return { from: ahead(pose, angle, radius), to: ahead(pose, angle, radius + range), range };
  });
}

/** The point `distance` away in the direction `angle`. */
export function ahead(from: Point, angle: number, distance: number): Point {
  return { x: from.x + distance * Math.cos(angle), y: from.y + distance * Math.sin(angle) };
}

/** The rectangle around walls; nothing when there are none. */
export function boundsOf(walls: readonly Wall[]): Bounds | undefined {
  if (walls.length === 0) return undefined;
  const xs = walls.flatMap(([x1, , x2]) => [x1, x2]);
  const ys = walls.flatMap(([, y1, , y2]) => [y1, y2]);
  return { minX: Math.min(...xs), minY: Math.min(...ys), maxX: Math.max(...xs), maxY: Math.max(...ys) };
}

/** A rectangle of the room in the middle of the screen, as large as it fits there. Pixels. */
export function fit(bounds: Bounds, width: number, height: number, padding: number): Projection {
  const roomWidth = Math.max(bounds.maxX - bounds.minX, 0.1);
  const roomHeight = Math.max(bounds.maxY - bounds.minY, 0.1);
  const scale = Math.max(1, Math.min((width - 2 * padding) / roomWidth, (height - 2 * padding) / roomHeight));
  return {
    scale,
    originX: width / 2 - (scale * (bounds.minX + bounds.maxX)) / 2,
    originY: height / 2 + (scale * (bounds.minY + bounds.maxY)) / 2,
  };
}

/** A place in the room, in pixels. */
export function project({ scale, originX, originY }: Projection, point: Point): Point {
  return { x: originX + scale * point.x, y: originY - scale * point.y };
}

/** The nearest thing that a ranger sees: its distance, and its direction in degrees, counter-clockwise from the heading. */
export function nearest(ranges: readonly number[]): { range: number; degrees: number } | undefined {
  if (ranges.length === 0) return undefined;
  const range = Math.min(...ranges);
  const angle = sensorAngle(ranges.indexOf(range), ranges.length);
  return { range, degrees: Math.round((angle * 180) / Math.PI) };
}
