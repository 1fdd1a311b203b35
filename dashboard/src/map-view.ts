/** The selected robot from above. */
import { byId, setData, setText } from "./dom.ts";
import { formatNumber } from "./format.ts";
import { nearest } from "./geometry.ts";
import { drawScene, type Theme } from "./map-drawing.ts";
import type { Scene } from "./scene.ts";
import type { State } from "./state.ts";

export interface MapView {
  /** Draws when there is something new to see; called once a frame. */
  draw(): void;
  /** Brings the caption up to date. */
  describe(): void;
}

/** @param askForFrame called when the canvas must be drawn anew though no message came */
export function createMapView(state: State, askForFrame: () => void): MapView {
  const figure = byId("map", HTMLElement);
  const canvas = byId("map-canvas", HTMLCanvasElement);
  const caption = byId("map-caption", HTMLElement);
  const empty = byId("map-empty", HTMLElement);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser has no 2D canvas; open the page in a current one");
  let theme = readTheme();
  let drawn = "";

  const redraw = () => {
    theme = readTheme();
    drawn = "";
    askForFrame();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new ResizeObserver(redraw).observe(canvas);

  return {
    draw() {
      const robot = state.selected;
      if (robot === undefined) return;
      const { width, height } = canvas.getBoundingClientRect();
      const revision = `${robot.id} ${robot.scene.revision} ${width} ${height} ${devicePixelRatio}`;
      if (revision === drawn) return;
      drawn = revision;
      resize(canvas, context, width, height);
      drawScene(context, { width, height }, theme, robot.scene);
    },
    describe() {
      const robot = state.selected;
      const visible = robot !== undefined && canBeSeen(robot.scene);
      setData(figure, "empty", String(!visible));
      setText(
        empty,
        robot === undefined
          ? "No robot yet. It is drawn here as soon as its first packets come."
          : `${robot.id} sends no ultrasound, odom or map packets; its readings are below.`,
      );
      if (robot !== undefined) {
        canvas.setAttribute("aria-label", `${robot.id} seen from above`);
        setText(caption, visible ? describeScene(robot.scene) : "");
      }
    },
  };
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
