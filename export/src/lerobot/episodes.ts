/** From rows to the readings of one episode after the other. */
import { preview } from "@physical-ai/unity-protocol";
import { type Boundary, EpisodeBoundaries, type EpisodeRule } from "./episode-rule.ts";
import { type Camera, type Field, isFloat32, numbersIn, type Picture, validatePicture, valueAt } from "./field.ts";
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
export class EpisodeCollector {
  readonly #plan: Plan;
  readonly #report: Report;
  readonly #boundaries: EpisodeBoundaries;
  readonly #state: readonly FieldReader[];
  readonly #action: readonly FieldReader[];
  readonly #cameras: readonly Reader<Picture>[];
  #open: Episode | undefined;

  /** @param report told of what cannot be used */
  constructor(plan: Plan, report: Report) {
    this.#plan = plan;
    this.#report = report;
    this.#boundaries = new EpisodeBoundaries(plan.episodes);
    this.#state = plan.state.map((field) => new FieldReader(field, report));
    this.#action = plan.action.map((field) => new FieldReader(field, report));
    this.#cameras = plan.cameras.map((camera) => createPictureReader(camera, report));
  }

  /** The episode that this row ended, if any. */
  take(row: Row): Episode | undefined {
    this.#report.rows += 1;
    const ended = this.#follow(this.#boundaries.of(row), row);
    const open = this.#open;
    if (open === undefined) return ended;
    open.endMs = row.atMs;
    open.robotType ||= row.robotType;
    collect(row, this.#state, open.state);
    collect(row, this.#action, open.action);
    collect(row, this.#cameras, open.cameras);
    return ended;
  }

  /** The episode that the last row left open, if any. */
  finish(): Episode | undefined {
    const last = this.#open;
    this.#open = undefined;
    return last;
  }

  /** The names of the dimensions; known once an episode has readings of every field. */
  names(): { state: readonly string[]; action: readonly string[] } {
    const namesOf = (readers: readonly FieldReader[]) => readers.flatMap(({ names }) => names);
    return { state: namesOf(this.#state), action: namesOf(this.#action) };
  }

  #follow(boundary: Boundary, row: Row): Episode | undefined {
    if (boundary.kind === "none") return undefined;
    if (boundary.kind === "invalid") {
      this.#report.misfit("episode", boundary.problem);
      return undefined;
    }
    const ended = this.#open;
    this.#open = boundary.kind === "begin" ? beginEpisode(this.#plan, row, boundary.task) : undefined;
    if (boundary.kind === "end" && ended !== undefined) ended.endMs = row.atMs;
    return ended;
  }
}

/** Takes what it needs out of a row's value; `undefined` when that does not fit. */
interface Reader<T> {
  readonly field: Field;
  read(value: unknown): T | undefined;
}

function collect<T>(row: Row, readers: readonly Reader<T>[], series: readonly Series<T>[]): void {
  readers.forEach((reader, index) => {
    const { field } = reader;
    if (field.source !== row.source || field.type !== row.type) return;
    const value = reader.read(row.value);
    if (value === undefined) return;
    series[index]?.times.push(row.atMs);
    series[index]?.values.push(value);
  });
}

/** The first value that is all numbers says how many there are; what differs later is reported and left out. */
class FieldReader implements Reader<readonly number[]> {
  readonly field: Field;
  readonly #report: Report;
  #names: readonly string[] = [];
  #isList = false;

  constructor(field: Field, report: Report) {
    this.field = field;
    this.#report = report;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  read(inside: unknown): readonly number[] | undefined {
    const value = valueAt(inside, this.field.path);
    // By far the most readings are lists, and need no names each.
    if (this.#isList && isNumbers(value) && value.length === this.#names.length) return value;
    const leaves = numbersIn(value, this.field.name);
    if (leaves === undefined) return this.#misfit(`must hold float32 numbers; got ${preview(value)}`);
    const found = leaves.map(({ name }) => name);
    if (this.#names.length === 0) {
      this.#names = found;
      this.#isList = isNumbers(value);
    }
    if (found.length !== this.#names.length || found.some((name, index) => name !== this.#names[index])) {
      return this.#misfit(`must be ${this.#names.join(", ")}; got ${found.join(", ")}`);
    }
    return leaves.map((leaf) => leaf.value);
  }

  #misfit(problem: string): undefined {
    this.#report.misfit(this.field.name, problem);
  }
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
