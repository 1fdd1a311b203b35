/** `GET /api/export`: stored rows as a file. */
import { Readable } from "node:stream";
import {
  type ExportFormat,
  type ExportPlan,
  type ExportRequest,
  exportFormats,
  exportTables,
  type OpenExport,
} from "@physical-ai/export";
import { messageOf } from "@physical-ai/service/errors";
import { moment, names, requireSpan, yesOrNo } from "@physical-ai/service/options";
import { compileValidator, type Validation } from "@physical-ai/unity-protocol";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import Type from "typebox";
import { type HttpCode, refuse } from "./refuse.ts";

/** Each reads through all rows: more at once would only slow each other down, and the database. */
const mostAtOnce = 2;
/** Who takes nothing of what is there for so long has gone, whatever its connection says. */
const usualPatienceMs = 60_000;

const Names = Type.Union([Type.String(), Type.Array(Type.String())]);
const Query = Type.Object(
  {
    format: Type.Optional(Type.Enum(exportFormats)),
    table: Type.Optional(Type.Enum(exportTables)),
    robot: Type.Optional(Names),
    robot_type: Type.Optional(Names),
    type: Type.Optional(Names),
    since: Type.Optional(Type.String()),
    until: Type.Optional(Type.String()),
    with_inputs: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
const validateQuery = compileValidator("the query of /api/export", Query);

const mediaTypes: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8",
  jsonl: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
};

/** Exports, and how many of them are under way: each from its first byte on until it ends, in whichever way. */
export class CountedExports {
  readonly #openExport: OpenExport;
  #underWay = 0;

  constructor(openExport: OpenExport) {
    this.#openExport = openExport;
  }

  async *open(...args: Parameters<OpenExport>): AsyncGenerator<Uint8Array> {
    this.#underWay++;
    try {
      yield* this.#openExport(...args);
    } finally {
      this.#underWay--;
    }
  }

  get underWay(): number {
    return this.#underWay;
  }
}

/** Serves exports. An error in the middle breaks the connection, so what came is not taken for the whole, and is logged. */
export function serveExports(
  api: FastifyInstance,
  { exports, logger }: { exports: CountedExports; logger: Logger },
  { patienceMs = usualPatienceMs }: { patienceMs?: number } = {},
): void {
  api.get("/api/export", async (request, reply) => {
    const asked = readQuery(request.query);
    if (!asked.ok) return refuse(reply, "invalid_message", asked.problem);
    if (exports.underWay >= mostAtOnce) {
      return refuse(reply, "busy", `${exports.underWay} exports are under way; try again later`);
    }
    const { table, format } = asked.value;
    let plan: ExportPlan | undefined;
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort());
    // It would keep its place, and its transaction, from others. A silence while nothing waits is the database's.
    reply.raw.setTimeout(patienceMs, () => {
      if (reply.raw.writableLength > 0) reply.raw.destroy();
    });
    const onPlan = (found: ExportPlan) => {
      plan = found;
    };
    const chunks = exports.open(asked.value, { onPlan, signal: gone.signal });
    try {
      // Before the first bytes an error still has an answer of its own.
      const first = await chunks.next();
      reply.headers({
        "content-type": mediaTypes[format],
        "content-disposition": `attachment; filename="${table}.${format}"`,
        "x-export-rows": plan?.rows,
        "x-export-misfits": plan?.misfits.reduce((sum, { rows }) => sum + rows, 0),
      });
      const onError = (err: unknown) => {
        if (!gone.signal.aborted) logger.error({ err, table, format }, "an export broke off");
      };
      return reply.send(Readable.from(startingWith(first, chunks, onError), { objectMode: false }));
    } catch (error) {
      await chunks.return(undefined);
      const problem = messageOf(error);
      return refuse(reply, codeOf(error), problem);
    }
  });
}

/** An error of another thread has lost its class, and kept its code. */
function codeOf(error: unknown): HttpCode {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "no_rows" || code === "not_exportable" ? code : "export_failed";
}

async function* startingWith(
  first: IteratorResult<Uint8Array>,
  rest: AsyncGenerator<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } catch (error) {
    onError(error);
    throw error;
  } finally {
    await rest.return(undefined);
  }
}

function readQuery(query: unknown): Validation<ExportRequest> {
  const unknown = Object.keys(Object(query)).find((name) => !(name in Query.properties));
  if (unknown !== undefined) {
    const known = Object.keys(Query.properties).join(", ");
    return { ok: false, problem: `the query of /api/export: unknown parameter ${unknown}; there are ${known}` };
  }
  const checked = validateQuery(query);
  if (!checked.ok) return checked;
  const {
    format = "csv",
    table = "telemetry",
    robot,
    robot_type,
    type,
    since,
    until,
    with_inputs = "no",
  } = checked.value;
  try {
    const selection = {
      robots: namesOf(robot),
      robotTypes: namesOf(robot_type),
      types: namesOf(type),
      since: since === undefined ? undefined : moment(since),
      until: until === undefined ? undefined : moment(until),
    };
    requireSpan(selection);
    return { ok: true, value: { table, format, selection, withInputs: yesOrNo(with_inputs) } };
  } catch (error) {
    return {
      ok: false,
      problem: `the query of /api/export: ${messageOf(error)}`,
    };
  }
}

const namesOf = (texts: string | string[] | undefined) =>
  texts === undefined ? undefined : [texts].flat().flatMap((text) => names(text));
