/** Draws a scene on a canvas. Pixels are CSS pixels. */
import type { Pose, RoomMap } from "../state/payloads.ts";
import type { Bump, Point, Scene } from "../state/scene.ts";
import { ahead, type Bounds, boundsOf, castRays, fit, type Projection, project, type Ray } from "./geometry.ts";

/** The page's colours. */
export interface Theme {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly card: string;
  readonly accent: string;
  readonly danger: string;
}

interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly projection: Projection;
  readonly theme: Theme;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const padding = 22;
/** What a ranger says when nothing echoes. */
const farthestRange = 5;
const nearRange = 0.35;
const defaultRadius = 0.3;
const trailPieces = 24;
const jump = 1;

/** Draws the room with the robot in it; without a room or a position, what the robot sees around itself. */
export function drawScene(context: CanvasRenderingContext2D, size: Size, theme: Theme, scene: Scene): void {
  context.clearRect(0, 0, size.width, size.height);
  const bounds = scene.room === undefined ? undefined : boundsOf(scene.room.walls);
  if (scene.room !== undefined && scene.pose !== undefined && bounds !== undefined) {
    const pen = { context, theme, projection: fit(bounds, size.width, size.height, padding) };
    drawRoom(pen, size, bounds, scene.room, scene, scene.pose);
  } else if (scene.ranges !== undefined) {
    drawSurroundings(context, size, theme, scene.ranges);
  }
}

function drawRoom(pen: Pen, size: Size, bounds: Bounds, room: RoomMap, scene: Scene, pose: Pose): void {
  drawGrid(pen, bounds);
  const rays = castRays(pose, room.radius, scene.ranges ?? []);
  drawRays(pen, rays);
  drawTrail(pen, scene.trail.items);
  drawWalls(pen, room);
  for (const ray of rays) drawEcho(pen, ray);
  for (const bump of scene.bumps.items) drawBump(pen, bump);
  drawRobot(pen, pose, room.radius);
  drawScaleBar(pen, size);
}

function drawSurroundings(
  context: CanvasRenderingContext2D,
  size: Size,
  theme: Theme,
  ranges: readonly number[],
): void {
  const reach = farthestRange + defaultRadius;
  const bounds = { minX: -reach, minY: -reach, maxX: reach, maxY: reach };
  const pen = { context, theme, projection: fit(bounds, size.width, size.height, padding) };
  const pose = { x: 0, y: 0, yaw: Math.PI / 2 };
  drawDistanceRings(pen);
  const rays = castRays(pose, defaultRadius, ranges);
  drawRays(pen, rays);
  for (const ray of rays) drawEcho(pen, ray);
  drawRobot(pen, pose, defaultRadius);
}

function drawGrid(pen: Pen, bounds: Bounds): void {
  const { context, theme } = pen;
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = Math.ceil(bounds.minX); x <= bounds.maxX; x += 1) {
    trace(pen, [
      { x, y: bounds.minY },
      { x, y: bounds.maxY },
    ]);
  }
  for (let y = Math.ceil(bounds.minY); y <= bounds.maxY; y += 1) {
    trace(pen, [
      { x: bounds.minX, y },
      { x: bounds.maxX, y },
    ]);
  }
  context.stroke();
}

function drawDistanceRings(pen: Pen): void {
  const { context, theme, projection } = pen;
  const centre = project(projection, { x: 0, y: 0 });
  context.strokeStyle = theme.line;
  context.fillStyle = theme.muted;
  context.lineWidth = 1;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "left";
  for (let distance = 1; distance <= farthestRange; distance += 1) {
    const radius = projection.scale * (distance + defaultRadius);
    context.beginPath();
    context.arc(centre.x, centre.y, radius, 0, 2 * Math.PI);
    context.stroke();
    context.fillText(`${distance} m`, centre.x + 4, centre.y + radius - 4);
  }
}

function drawRays(pen: Pen, rays: readonly Ray[]): void {
  const { context, theme } = pen;
  context.save();
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.1;
  context.beginPath();
  trace(
    pen,
    rays.map((ray) => ray.to),
  );
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = theme.accent;
  context.globalAlpha = 0.35;
  context.beginPath();
  for (const ray of rays) trace(pen, [ray.from, ray.to]);
  context.stroke();
  context.restore();
}

function drawEcho({ context, projection, theme }: Pen, ray: Ray): void {
  if (ray.range >= farthestRange) return;
  const near = ray.range < nearRange;
  const { x, y } = project(projection, ray.to);
  context.fillStyle = near ? theme.danger : theme.accent;
  context.beginPath();
  context.arc(x, y, near ? 4 : 3, 0, 2 * Math.PI);
  context.fill();
}

/** Older pieces are fainter. A jump (a new run, a carried robot) is not a way that was driven. */
function drawTrail(pen: Pen, trail: readonly Point[]): void {
  const { context, theme } = pen;
  const pieceLength = Math.max(1, Math.ceil(trail.length / trailPieces));
  context.save();
  context.strokeStyle = theme.accent;
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.lineCap = "butt";
  for (let start = 0; start < trail.length; start += pieceLength) {
    const piece = trail.slice(start, start + pieceLength + 1);
    context.globalAlpha = 0.08 + 0.8 * (start / trail.length);
    context.beginPath();
    trace(pen, piece, jump);
    context.stroke();
  }
  context.restore();
}

function drawWalls(pen: Pen, room: RoomMap): void {
  const { context, theme } = pen;
  context.strokeStyle = theme.ink;
  context.lineWidth = 3;
  context.lineCap = "round";
  context.beginPath();
  for (const [x1, y1, x2, y2] of room.walls) {
    trace(pen, [
      { x: x1, y: y1 },
      { x: x2, y: y2 },
    ]);
  }
  context.stroke();
}

function drawBump({ context, projection, theme }: Pen, bump: Bump): void {
  const { x, y } = project(projection, bump);
  const size = 4 + Math.min(6, 8 * Math.abs(bump.speed));
  context.strokeStyle = theme.danger;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - size, y - size);
  context.lineTo(x + size, y + size);
  context.moveTo(x - size, y + size);
  context.lineTo(x + size, y - size);
  context.stroke();
}

function drawRobot(pen: Pen, pose: Pose, radius: number): void {
  const { context, projection, theme } = pen;
  const centre = project(projection, pose);
  context.fillStyle = theme.card;
  context.strokeStyle = theme.accent;
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(centre.x, centre.y, Math.max(5, projection.scale * radius), 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.fillStyle = theme.accent;
  context.beginPath();
  trace(pen, [
    ahead(pose, pose.yaw, 0.78 * radius),
    ahead(pose, pose.yaw + 2.5, 0.6 * radius),
    ahead(pose, pose.yaw + Math.PI, 0.2 * radius),
    ahead(pose, pose.yaw - 2.5, 0.6 * radius),
  ]);
  context.fill();
}

function drawScaleBar({ context, projection, theme }: Pen, size: Size): void {
  const y = size.height - 7;
  const end = padding + projection.scale;
  context.strokeStyle = theme.muted;
  context.fillStyle = theme.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(padding, y - 4);
  context.lineTo(padding, y);
  context.lineTo(end, y);
  context.lineTo(end, y - 4);
  context.stroke();
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "left";
  context.fillText("1 m", end + 6, y);
}

/** Adds a line through points of the room to the path, broken where they lie farther apart than `gap` metres. */
function trace({ context, projection }: Pen, points: readonly Point[], gap = Number.POSITIVE_INFINITY): void {
  let last: Point | undefined;
  for (const point of points) {
    const { x, y } = project(projection, point);
    if (last === undefined || Math.hypot(point.x - last.x, point.y - last.y) > gap) context.moveTo(x, y);
    else context.lineTo(x, y);
    last = point;
  }
}
