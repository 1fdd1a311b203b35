/** Which columns the fields become, and which rows do not fit them. */
import { type FieldColumn, type FieldType, nameOf } from "./columns.ts";
import type { Sighting } from "./field-scan.ts";
import type { Kind } from "./json-shape.ts";

/** Values that a column cannot hold: it is empty in their rows. */
interface Misfit {
  column: string;
  expected: FieldType;
  found: Kind;
  rows: number;
  /** The id of one of the rows. */
  exampleId: string;
}

/** How rows and columns go together. */
export interface Fit {
  columns: readonly FieldColumn[];
  misfits: readonly Misfit[];
  /** Fields without a column, and how many rows have them: the schema leaves them out, or they are empty in every row. */
  leftOut: readonly { field: string; rows: number }[];
}

const kindsOf: Record<FieldType, readonly Kind[]> = {
  double: ["number", "integer"],
  bigint: ["integer"],
  text: ["string"],
  boolean: ["boolean"],
  json: ["number", "integer", "string", "boolean", "branch"],
};

/** Every field becomes a column of the type that most of its rows have. */
export function inferColumns(sightings: readonly Sighting[]): Fit {
  const columns = sightings
    .filter(({ kinds }) => [...kinds.keys()].some((kind) => kind !== "branch"))
    .map(({ name, source, path, kinds }) => ({ name, source, path, type: usualType(kinds), guarded: false }));
  return fitColumns(columns, sightings);
}

function usualType(kinds: Sighting["kinds"]): FieldType {
  const rowsOf = (type: FieldType) => kindsOf[type].reduce((rows, kind) => rows + (kinds.get(kind)?.rows ?? 0), 0);
  const candidates: readonly FieldType[] = ["double", "text", "boolean"];
  return candidates.reduce((best, type) => (rowsOf(type) > rowsOf(best) ? type : best));
}

/** Holds given columns against what the rows have. */
export function fitColumns(columns: readonly FieldColumn[], sightings: readonly Sighting[]): Fit {
  const named = new Map(columns.map((column) => [column.name, column]));
  const misfits: Misfit[] = [];
  const leftOut: { field: string; rows: number }[] = [];
  for (const sighting of sightings) {
    const column = named.get(sighting.name);
    if (column !== undefined) misfits.push(...misfitsOf(column, sighting));
    else {
      leftOut.push({
        field: sighting.name,
        rows: [...sighting.kinds.values()].reduce((sum, { rows }) => sum + rows, 0),
      });
    }
  }
  const unfit = new Set([...misfits.map(({ column }) => column), ...branchesOf(sightings)]);
  return { columns: columns.map((column) => ({ ...column, guarded: unfit.has(column.name) })), misfits, leftOut };
}

/** Fields that have fields of their own in some rows: those are columns themselves, so nothing is missing there. */
function branchesOf(sightings: readonly Sighting[]): string[] {
  return sightings.flatMap(({ source, path }) =>
    path.slice(1).map((_, index) => nameOf(source, path.slice(0, index + 1))),
  );
}

function misfitsOf({ name, type }: FieldColumn, { kinds }: Sighting): Misfit[] {
  return [...kinds]
    .filter(([kind]) => kind !== "null" && !kindsOf[type].includes(kind))
    .map(([found, { rows, exampleId }]) => ({ column: name, expected: type, found, rows, exampleId }));
}
