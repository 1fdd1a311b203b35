/** What the rows of an export hold, field by field. */
import type { Buffer } from "node:buffer";
import { byPath, type FieldColumn, type JsonSource, nameOf } from "./columns.ts";
import { type Kind, leavesOf } from "./leaves.ts";
import { NotExportableError } from "./not-exportable.ts";
import { ShapeReader } from "./shape.ts";

/** A field, and how often it held what. */
export interface Sighting {
  name: string;
  source: JsonSource;
  path: readonly string[];
  kinds: Map<Kind, { rows: number /** The first of them. */; exampleId: string }>;
}

/** Collects what documents of one JSONB column hold. */
export interface Sightings {
  /** Takes a document of the row with this id, which lies in `json` from `begin` on. */
  see(id: number, json: Buffer, begin: number): void;
  /** Everything seen so far. */
  list(): Sighting[];
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

/**
 * @param columns the columns that are wanted, where that is known: other fields are listed up to a number
 * @throws {NotExportableError} from `see`, when every field is wanted and there are more than a table has columns
 */
export function createSightings(source: JsonSource, columns?: readonly FieldColumn[]): Sightings {
  const integersApart = columns?.some(({ type }) => type === "bigint") ?? false;
  const whole = new Set(columns?.filter(({ type }) => type === "json").map(({ name }) => name));
  const isWhole = (path: readonly string[]) => whole.size > 0 && whole.has(nameOf(source, path));
  const reader = new ShapeReader(integersApart);
  const shapes = new Map<string, Shape>();
  const sightings = new Map<string, Sighting>(
    columns?.map(({ name, path }) => [name, { name, source, path, kinds: new Map() }]),
  );
  const limit = sightings.size + mostFields;
  let fieldsApart = 0;

  function sightingOf(path: readonly string[]): Sighting | undefined {
    const name = nameOf(source, path);
    const known = sightings.get(name);
    if (known !== undefined) return known;
    if (sightings.size === limit) {
      if (columns !== undefined) return undefined;
      throw new NotExportableError(tooMany([...sightings.values()]));
    }
    const sighting: Sighting = { name, source, path, kinds: new Map() };
    sightings.set(name, sighting);
    return sighting;
  }

  function learn(id: number, json: Buffer, begin: number): Shape {
    const leaves = leavesOf(JSON.parse(json.toString("utf8", begin)), { integersApart, isWhole });
    const fields = leaves.flatMap(({ path, kind }) => {
      const sighting = sightingOf(path);
      return sighting === undefined ? [] : [{ sighting, kind }];
    });
    return { rows: 0, firstId: id, fields };
  }

  function countTogether(): void {
    for (const { rows, firstId, fields } of shapes.values()) {
      for (const { sighting, kind } of fields) {
        const seen = sighting.kinds.get(kind) ?? { rows: 0, exampleId: String(firstId) };
        seen.rows += rows;
        sighting.kinds.set(kind, seen);
      }
    }
    shapes.clear();
    fieldsApart = 0;
  }

  return {
    see(id, json, begin) {
      const key = reader.shapeOf(json, begin);
      let shape = shapes.get(key);
      if (shape === undefined) {
        if (fieldsApart > mostFieldsApart) countTogether();
        shape = learn(id, json, begin);
        shapes.set(key, shape);
        fieldsApart += shape.fields.length;
      }
      shape.rows++;
    },
    list() {
      countTogether();
      return [...sightings.values()].sort(byPath);
    },
  };
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
