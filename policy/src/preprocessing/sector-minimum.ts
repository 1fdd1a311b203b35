/** The nearest echo in each named sector of a range scan. */
import Type, { type Static } from "typebox";
import { closed, rowByRow, type Shape, type Step, StepError } from "./step.ts";

export const SectorMinimum = closed({
  step: Type.Literal("sector_minimum"),
  /** Each sector's sensors by number. Sensors count from 1, as they are labelled on robots and in recordings. */
  sectors: Type.Record(
    Type.String({ minLength: 1 }),
    Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, uniqueItems: true }),
    { minProperties: 1 },
  ),
});

export function sectorMinimum({ sectors }: Static<typeof SectorMinimum>, input: Shape): Step<undefined> {
  const sensors = Object.values(sectors);
  const beyond = sensors.flat().find((sensor) => sensor > input.names.length);
  if (beyond !== undefined) {
    throw new StepError("sectors", `must name sensors from 1 to ${input.names.length}; got ${beyond}`);
  }
  return rowByRow({ rows: input.rows, names: Object.keys(sectors) }, (row) =>
    sensors.map((numbers) => Math.min(...numbers.map((number) => row[number - 1] ?? Number.POSITIVE_INFINITY))),
  );
}
