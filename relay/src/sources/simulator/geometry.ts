/** Plane geometry for walls and rays. Metres and radians; x forward, y left, angles counter-clockwise. */

export interface Point {
  x: number;
  y: number;
}

/** A position and the direction that it looks to. */
export interface Pose extends Point {
  yaw: number;
}

/** A wall from `a` to `b`. */
export interface Segment {
  a: Point;
  b: Point;
}

/** The distance along a ray to a segment; undefined when the ray misses it. */
export function rayToSegment(origin: Point, angle: number, { a, b }: Segment): number | undefined {
  const ray = { x: Math.cos(angle), y: Math.sin(angle) };
  const wall = { x: b.x - a.x, y: b.y - a.y };
  const toWall = { x: a.x - origin.x, y: a.y - origin.y };
  const determinant = cross(ray, wall);
  if (Math.abs(determinant) < 1e-12) return undefined;
  const distance = cross(toWall, wall) / determinant;
  const alongWall = cross(toWall, ray) / determinant;
  return distance >= 0 && alongWall >= 0 && alongWall <= 1 ? distance : undefined;
}

/** The distance along a ray to the nearest of many segments; Infinity when it meets none. */
export function castRay(origin: Point, angle: number, segments: readonly Segment[]): number {
  return segments.reduce(
    (nearest, segment) => Math.min(nearest, rayToSegment(origin, angle, segment) ?? Number.POSITIVE_INFINITY),
    Number.POSITIVE_INFINITY,
  );
}

/** The point of a segment that is nearest to `point`. */
export function nearestOnSegment(point: Point, { a, b }: Segment): Point {
  const wall = { x: b.x - a.x, y: b.y - a.y };
  const along = ((point.x - a.x) * wall.x + (point.y - a.y) * wall.y) / (wall.x ** 2 + wall.y ** 2);
  const share = Math.min(1, Math.max(0, along));
  return { x: a.x + share * wall.x, y: a.y + share * wall.y };
}

/** The segments of a closed line through points. */
export function closedPath(points: readonly Point[]): Segment[] {
  return points.map((a, index) => ({ a, b: points[(index + 1) % points.length] ?? a }));
}

/** The same direction in [-π, π). */
export function normalizeAngle(angle: number): number {
  const turn = 2 * Math.PI;
  return ((((angle + Math.PI) % turn) + turn) % turn) - Math.PI;
}

function cross(u: Point, v: Point): number {
  return u.x * v.y - u.y * v.x;
}
