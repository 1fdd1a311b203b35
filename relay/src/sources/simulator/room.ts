/** The room that a robot drives in: walls, a corner that juts in, an alcove, a pillar. Varied by seed. */
import { closedPath, type Point, type Pose, type Segment } from "./geometry.ts";
import type { Random } from "./random.ts";

export interface SimulatedRoom {
  walls: readonly Segment[];
  /** Beside a wall on the robot's left, looking along it: clockwise round the room. */
  start: Pose;
}

/** How far a corner may stand from where the plan has it, in metres. */
const cornerJitter = 0.1;

/** Builds a room of about 6–7.5 × 5–6 m. */
export function createRoom(random: Random): SimulatedRoom {
  const width = random.between(6, 7.5);
  const height = random.between(5, 6);
  const pillar = square({ x: width * 0.42, y: height * 0.5 }, random.between(0.3, 0.5), random.between(0, Math.PI / 2));
  return {
    walls: [...closedPath(outline(width, height, random)), ...closedPath(pillar)],
    start: { x: width * random.between(0.45, 0.6), y: random.between(0.95, 1.1), yaw: Math.PI + random.gaussian(0.05) },
  };
}

/** The walls' corners, clockwise from the south-west: an alcove in the north wall, and the north-east corner cut out. */
function outline(width: number, height: number, random: Random): Point[] {
  const alcove = { from: width * 0.2, to: width * 0.2 + random.between(1.8, 2.2), depth: random.between(0.3, 0.6) };
  const cut = { x: width - random.between(1.2, 1.8), y: height - random.between(1.2, 1.8) };
  const corners = [
    { x: 0, y: 0 },
    { x: 0, y: height },
    { x: alcove.from, y: height },
    { x: alcove.from, y: height + alcove.depth },
    { x: alcove.to, y: height + alcove.depth },
    { x: alcove.to, y: height },
    { x: cut.x, y: height },
    { x: cut.x, y: cut.y },
    { x: width, y: cut.y },
    { x: width, y: 0 },
  ];
  return corners.map(({ x, y }) => ({ x: x + jitter(random), y: y + jitter(random) }));
}

function jitter(random: Random): number {
  return random.between(-cornerJitter, cornerJitter);
}

function square(centre: Point, side: number, turn: number): Point[] {
  return [0, 1, 2, 3].map((corner) => {
    const angle = turn + (corner * Math.PI) / 2;
    const reach = side / Math.SQRT2;
    return { x: centre.x + reach * Math.cos(angle), y: centre.y + reach * Math.sin(angle) };
  });
}
