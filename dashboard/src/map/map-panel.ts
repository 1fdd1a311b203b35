/** The selected robot from above. */
import { byId, type Panel, setData, setText } from "../dom.ts";
import { formatNumber } from "../format.ts";
import type { Scene } from "../state/scene.ts";
import type { State } from "../state/state.ts";
import { drawScene, type Theme } from "./drawing.ts";
import { nearest } from "./geometry.ts";

export class MapPanel implements Panel {
  readonly #figure = byId("map", HTMLElement);
  readonly #canvas = byId("map-canvas", HTMLCanvasElement);
  readonly #caption = byId("map-caption", HTMLElement);
  readonly #empty = byId("map-empty", HTMLElement);
  readonly #context = contextOf(this.#canvas);
  readonly #state: State;
  readonly #askForFrame: () => void;
  #theme = readTheme();
  /** What the canvas shows. */
  #drawn = "";

  /** @param askForFrame called when the canvas must be drawn anew though no message came */
  constructor(state: State, askForFrame: () => void) {
    this.#state = state;
    this.#askForFrame = askForFrame;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
    new ResizeObserver(() => this.#redraw()).observe(this.#canvas);
  }

  /** Draws when there is something new to see; called once a frame. */
  draw(): void {
    const robot = this.#state.selected;
    if (robot === undefined) return;
    const { width, height } = this.#canvas.getBoundingClientRect();
    const revision = `${robot.id} ${robot.scene.revision} ${width} ${height} ${devicePixelRatio}`;
    if (revision === this.#drawn) return;
    this.#drawn = revision;
    resize(this.#canvas, this.#context, width, height);
    drawScene(this.#context, { width, height }, this.#theme, robot.scene);
  }

  /** Brings the caption up to date. */
  update(): void {
    const robot = this.#state.selected;
    const visible = robot !== undefined && canBeSeen(robot.scene);
    setData(this.#figure, "empty", String(!visible));
    setText(
      this.#empty,
      robot === undefined
        ? "No robot yet. It is drawn here as soon as its first packets come."
        : `${robot.id} sends no ultrasound, odom or map packets; its readings are below.`,
    );
    if (robot === undefined) return;
    this.#canvas.setAttribute("aria-label", `${robot.id} seen from above`);
    setText(this.#caption, visible ? describeScene(robot.scene) : "");
  }

  #redraw(): void {
    this.#theme = readTheme();
    this.#drawn = "";
    this.#askForFrame();
  }
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser has no 2D canvas; open the page in a current one");
  return context;
}

function canBeSeen(scene: Scene): boolean {
  return scene.ranges !== undefined || (scene.room !== undefined && scene.pose !== undefined);
}

function describeScene({ room, pose, ranges, bumps }: Scene): string {
  const place =
    room !== undefined && pose !== undefined
      ? [`x ${formatNumber(pose.x)} m`, `y ${formatNumber(pose.y)} m`, `heading ${degrees(pose.yaw)}°`]
      : ["no map or position: drawn around the robot"];
  const near = ranges === undefined ? undefined : nearest(ranges);
  if (near !== undefined) place.push(`nearest ${formatNumber(near.range)} m at ${near.degrees}°`);
  const bumped = bumps.items.length;
  if (bumped > 0) place.push(bumped === 1 ? "1 bump" : `${bumped} bumps`);
  return place.join(" · ");
}

function degrees(radians: number): number {
  return ((Math.round((radians * 180) / Math.PI) % 360) + 360) % 360;
}

/** Gives the canvas as many device pixels as it covers; drawing goes on in CSS pixels. */
function resize(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, width: number, height: number): void {
  const wanted = { width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) };
  if (canvas.width !== wanted.width || canvas.height !== wanted.height) Object.assign(canvas, wanted);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
}

function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour("ink"),
    muted: colour("muted"),
    line: colour("line"),
    card: colour("card"),
    accent: colour("accent"),
    danger: colour("danger"),
  };
}
