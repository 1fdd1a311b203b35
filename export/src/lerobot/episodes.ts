/** From rows to the readings of one episode after the other. */
import { preview } from "@physical-ai/unity-protocol";
import { type Camera, type Picture, validatePicture } from "./camera.ts";
import { type Boundary, createEpisodeRule, type EpisodeRule } from "./episode-rule.ts";
import { type Field, isFloat32, numbersIn, valueAt } from "./field.ts";
import type { Report } from "./report.ts";
import type { Series } from "./resample.ts";
import type { Row } from "./rows.ts";

/** What a dataset is made of. */
export interface Plan {
  /** Together `observation.state`. */
  readonly state: readonly Field[];
  /** Together `action`. */
  readonly action: readonly Field[];
  readonly cameras: readonly Camera[];
  readonly episodes: EpisodeRule;
}

/** The readings of an episode as they came, each at its own time. */
export interface Episode {
  /** Empty until a row says it: old commands do not. */
  robotType: string;
  /** Nothing of it is known after this. */
  endMs: number;
  /** As its command or its `episode` packet says. */
  readonly task: string | undefined;
  readonly state: readonly Series<readonly number[]>[];
  readonly action: readonly Series<readonly number[]>[];
  readonly cameras: readonly Series<Picture>[];
}

/** Takes rows in the order of time. One episode is in memory at a time. */
export interface EpisodeCollector {
  /** The episode that this row ended, if any. */
  take(row: Row): Episode | undefined;
  /** The episode that the last row left open, if any. */
  finish(): Episode | undefined;
  /** The names of the dimensions; known once an episode has readings of every field. */
  names(): { state: readonly string[]; action: readonly string[] };
}

/** @param report told of what cannot be used */
export function createEpisodeCollector(plan: Plan, report: Report): EpisodeCollector {
  const boundaryOf = createEpisodeRule(plan.episodes);
  const state = plan.state.map((field) => createFieldReader(field, report));
  const action = plan.action.map((field) => createFieldReader(field, report));
  const cameras = plan.cameras.map((camera) => createPictureReader(camera, report));
  let open: Episode | undefined;

  function follow(boundary: Boundary, row: Row): Episode | undefined {
    if (boundary.kind === "none") return undefined;
    if (boundary.kind === "invalid") {
      report.misfit("episode", boundary.problem);
      return undefined;
    }
    const ended = open;
    open = boundary.kind === "begin" ? beginEpisode(plan, row, boundary.task) : undefined;
    if (boundary.kind === "end" && ended !== undefined) ended.endMs = row.atMs;
    return ended;
  }

  return {
    take(row) {
      report.rows += 1;
      const ended = follow(boundaryOf(row), row);
      if (open === undefined) return ended;
      open.endMs = row.atMs;
      open.robotType ||= row.robotType;
      collect(row, state, open.state);
      collect(row, action, open.action);
      collect(row, cameras, open.cameras);
      return ended;
    },
    finish() {
      const last = open;
      open = undefined;
      return last;
    },
    names: () => ({ state: state.flatMap(({ names }) => names()), action: action.flatMap(({ names }) => names()) }),
  };
}

/** Takes what it needs out of a row's value; `undefined` when that does not fit. */
interface Reader<T> {
  readonly field: Field;
  read(value: unknown): T | undefined;
}

function collect<T>(row: Row, readers: readonly Reader<T>[], series: readonly Series<T>[]): void {
  readers.forEach(({ field, read }, index) => {
    if (field.source !== row.source || field.type !== row.type) return;
    const value = read(row.value);
    if (value === undefined) return;
    series[index]?.times.push(row.atMs);
    series[index]?.values.push(value);
  });
}

/** The first value that is all numbers says how many there are; what differs later is reported and left out. */
function createFieldReader(field: Field, report: Report): Reader<readonly number[]> & { names(): readonly string[] } {
  let names: readonly string[] = [];
  let isList = false;
  return {
    field,
    names: () => names,
    read(inside) {
      const value = valueAt(inside, field.path);
      // By far the most readings are lists, and need no names each.
      if (isList && isNumbers(value) && value.length === names.length) return value;
      const leaves = numbersIn(value, field.name);
      if (leaves === undefined) {
        report.misfit(field.name, `must hold float32 numbers; got ${preview(value)}`);
        return undefined;
      }
      if (names.length === 0) {
        names = leaves.map(({ name }) => name);
        isList = isNumbers(value);
      }
      if (leaves.length !== names.length || leaves.some(({ name }, index) => name !== names[index])) {
        report.misfit(field.name, `must be ${names.join(", ")}; got ${leaves.map(({ name }) => name).join(", ")}`);
        return undefined;
      }
      return leaves.map((leaf) => leaf.value);
    },
  };
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isFloat32);
}

function createPictureReader({ field, key }: Camera, report: Report): Reader<Picture> {
  return {
    field,
    read(value) {
      const picture = validatePicture(valueAt(value, field.path));
      if (picture.ok) return picture.value;
      report.misfit(key, picture.problem);
      return undefined;
    },
  };
}

function beginEpisode({ state, action, cameras }: Plan, { robotType, atMs }: Row, task: string | undefined): Episode {
  const empty = () => ({ times: [], values: [] });
  return {
    robotType,
    endMs: atMs,
    task,
    state: state.map(empty),
    action: action.map(empty),
    cameras: cameras.map(empty),
  };
}
