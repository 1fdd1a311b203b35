/** What the rows of an export hold, field by field. */
import type { Buffer } from "node:buffer";
import { byPath, type FieldColumn, type JsonSource, nameOf } from "./columns.ts";
import { NotExportableError } from "./errors.ts";
import { type Kind, leavesOf, ShapeReader } from "./json-shape.ts";

/** A field, and how often it held what. */
export interface Sighting {
  name: string;
  source: JsonSource;
  path: readonly string[];
  kinds: Map<Kind, { rows: number /** The first of them. */; exampleId: string }>;
}

interface Shape {
  rows: number;
  firstId: number;
  fields: readonly { sighting: Sighting; kind: Kind }[];
}

/** Of the shapes that are kept apart: before there are more, they are counted together. It bounds memory. */
const mostFieldsApart = 500_000;
/** PostgreSQL takes 1,664 columns. */
const mostFields = 1_000;

/** Collects what documents of one JSONB column hold. */
export class FieldScan {
  readonly #source: JsonSource;
  readonly #columns: readonly FieldColumn[] | undefined;
  readonly #integersApart: boolean;
  readonly #whole: ReadonlySet<string>;
  readonly #reader: ShapeReader;
  readonly #shapes = new Map<string, Shape>();
  readonly #sightings: Map<string, Sighting>;
  readonly #limit: number;
  #fieldsApart = 0;

  /** @param columns the columns that are wanted, where that is known: other fields are listed up to a number */
  constructor(source: JsonSource, columns?: readonly FieldColumn[]) {
    this.#source = source;
    this.#columns = columns;
    this.#integersApart = columns?.some(({ type }) => type === "bigint") ?? false;
    this.#whole = new Set(columns?.filter(({ type }) => type === "json").map(({ name }) => name));
    this.#reader = new ShapeReader(this.#integersApart);
    this.#sightings = new Map(columns?.map(({ name, path }) => [name, { name, source, path, kinds: new Map() }]));
    this.#limit = this.#sightings.size + mostFields;
  }

  /**
   * Takes a document of the row with this id, which lies in `json` from `begin` on.
   *
   * @throws {NotExportableError} when every field is wanted and there are more than a table has columns
   */
  see(id: number, json: Buffer, begin: number): void {
    const key = this.#reader.shapeOf(json, begin);
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      if (this.#fieldsApart > mostFieldsApart) this.#countTogether();
      shape = this.#learn(id, json, begin);
      this.#shapes.set(key, shape);
      this.#fieldsApart += shape.fields.length;
    }
    shape.rows++;
  }

  /** Everything seen so far. */
  list(): Sighting[] {
    this.#countTogether();
    return [...this.#sightings.values()].sort(byPath);
  }

  #learn(id: number, json: Buffer, begin: number): Shape {
    const isWhole = (path: readonly string[]) => this.#whole.size > 0 && this.#whole.has(nameOf(this.#source, path));
    const leaves = leavesOf(JSON.parse(json.toString("utf8", begin)), { integersApart: this.#integersApart, isWhole });
    const fields = leaves.flatMap(({ path, kind }) => {
      const sighting = this.#sightingOf(path);
      return sighting === undefined ? [] : [{ sighting, kind }];
    });
    return { rows: 0, firstId: id, fields };
  }

  #sightingOf(path: readonly string[]): Sighting | undefined {
    const name = nameOf(this.#source, path);
    const known = this.#sightings.get(name);
    if (known !== undefined) return known;
    if (this.#sightings.size === this.#limit) {
      if (this.#columns !== undefined) return undefined;
      throw new NotExportableError(tooMany([...this.#sightings.values()]));
    }
    const sighting: Sighting = { name, source: this.#source, path, kinds: new Map() };
    this.#sightings.set(name, sighting);
    return sighting;
  }

  #countTogether(): void {
    for (const { rows, firstId, fields } of this.#shapes.values()) {
      for (const { sighting, kind } of fields) {
        const seen = sighting.kinds.get(kind) ?? { rows: 0, exampleId: String(firstId) };
        seen.rows += rows;
        sighting.kinds.set(kind, seen);
      }
    }
    this.#shapes.clear();
    this.#fieldsApart = 0;
  }
}

/** Names the branch that holds most of the fields. */
function tooMany(sightings: readonly Sighting[]): string {
  const sizes = new Map<string, number>();
  for (const { source, path } of sightings) {
    const branch = nameOf(source, path.slice(0, -1));
    sizes.set(branch, (sizes.get(branch) ?? 0) + 1);
  }
  const [branch, size] = [...sizes].reduce((most, next) => (next[1] > most[1] ? next : most));
  return (
    `the rows have more than ${sightings.length} fields, ${branch} alone has ${size}: choose fewer data types, ` +
    `or name the columns in a schema file ({"columns": {"${branch}": "json"}} keeps a whole branch in one)`
  );
}
