/** Stored rows through `npm run policy -- evaluate`, against `session.run` alone on as many rows at once. */
import { openRuntime } from "@physical-ai/policy";
import { evaluate } from "@physical-ai/training";
import type { Pool } from "pg";
import { pino } from "pino";
import { createTestDatabase } from "../database.ts";
import { type Bench, type BenchContext, median } from "./bench.ts";
import { benchPolicy, measureBare, modelFile } from "./bench-model.ts";

const rowCount = 200_000;
const robots = 8;
/** As many as evaluate hands to the model at a time. */
const batchRows = 1_024;
const rounds = 3;

export const replay: Bench = {
  description: "stored rows → preprocessing → ONNX → compared with labels and predictions, against session.run alone",
  async run(context) {
    const database = await createTestDatabase(context.postgresUrl);
    try {
      context.say(`  storing ${rowCount} rows and their predictions`);
      await store(database.pool);
      const results = [];
      for (let round = 1; round <= rounds; round++) results.push(await runRound(context, database.pool));
      return {
        rows: rowCount,
        rows_per_s: median(results.map(({ rate }) => rate)),
        bare_rows_per_s: median(results.map(({ bare }) => bare)),
        ratio: median(results.map(({ rate, bare }) => rate / bare)),
      };
    } finally {
      await database.drop();
    }
  },
};

async function runRound({ folder, say }: BenchContext, pool: Pool) {
  const model = modelFile("mlp");
  const policy = await benchPolicy(folder, model);
  const runtime = await openRuntime({ logger: pino({ level: "warn" }) }, policy);
  const { figures } = await evaluate({ pool, runtime }, policy, { labels: { field: "label" } }).finally(runtime.close);
  const { rows, labelled, stored, rows_per_s: rate } = figures;
  if (rows !== rowCount || labelled !== rowCount || stored.compared !== rowCount) {
    throw new Error(`expected ${rowCount} rows, labels and predictions; got ${rows}, ${labelled}, ${stored.compared}`);
  }
  const bare = await measureBare(model, batchRows, Math.ceil(rowCount / batchRows));
  say(`  session.run alone ${Math.round(bare)} rows/s, evaluate ${rate} rows/s`);
  return { rate, bare };
}

/** A fleet's labelled readings of today, 10 a second and robot, each with its prediction. */
async function store(pool: Pool): Promise<void> {
  const stream = crypto.randomUUID();
  const created = `date_trunc('day', now()) + n / ${robots} * interval '100 milliseconds'`;
  const robot = `'SCITOS_' || n % ${robots}`;
  await pool.query(`
    insert into robot_telemetry (robot_id, robot_type, data_type, payload, created_at, received_at, stream_id, seq)
    select ${robot}, 'SCITOS', 'ultrasound', jsonb_build_object('value', jsonb_build_object('label', 'a', 'ranges', (
        select jsonb_agg(round((1.5 + sin(n + sensor))::numeric, 3)) from generate_series(1, 24) as sensor))),
      ${created}, ${created}, '${stream}', n
    from generate_series(1, ${rowCount}) as n`);
  await pool.query(`
    insert into ai_predictions (robot_id, robot_type, policy, model_version, result_payload, stream_id, first_seq,
      last_seq, created_at)
    select ${robot}, 'SCITOS', 'bench', '0123456789ab', jsonb_build_object('kind', 'action', 'label', 'a',
        'confidence', 0.4, 'scores', '{"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}'::jsonb), '${stream}', n, n,
      ${created} + interval '5 milliseconds'
    from generate_series(1, ${rowCount}) as n`);
  await pool.query("analyze robot_telemetry, ai_predictions");
}
