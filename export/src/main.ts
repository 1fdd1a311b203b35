/** `npm run export`: wires the exports to the database, the file and the terminal. */
import { readFile, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { blobFolderOf, databaseUrlOf, openPool } from "@physical-ai/db";
import { policyNamed } from "@physical-ai/policy";
import { messageOf } from "@physical-ai/service/errors";
import { exitOnSignals } from "@physical-ai/service/signals";
import { writeWhole } from "@physical-ai/service/whole-file";
import type { Pool } from "pg";
import {
  type ExportConfig,
  type FeaturesChoice,
  type LerobotChoice,
  type RowsChoice,
  readExportConfig,
} from "./config.ts";
import { describeFeatures, exportFeatures } from "./features/export-features.ts";
import { exportLerobot } from "./lerobot/export-lerobot.ts";
import { describeReport } from "./lerobot/report.ts";
import { noProgress, showProgress } from "./progress.ts";
import { type ColumnSchema, validateColumnSchema } from "./rows/columns.ts";
import type { ExportPlan } from "./rows/export-rows.ts";
import { counted, describeFit, reportOf } from "./rows/report.ts";
import { exportsOf, exportToFile } from "./rows/start-export.ts";

async function exportRows(databaseUrl: string, choice: RowsChoice, config: ExportConfig): Promise<void> {
  const schema = choice.schema === undefined ? undefined : await readSchema(choice.schema);
  let plan: ExportPlan | undefined;
  const progress = config.out === "-" ? noProgress : showProgress();
  const { robots, robotTypes, types, since, until } = config;
  const request = { ...choice, selection: { robots, robotTypes, types, since, until }, schema };
  const listener = {
    onScanned: (rows: number) => progress.scanned(rows),
    onPlan(found: ExportPlan) {
      plan = found;
      progress.begin(found.rows);
    },
    onWritten: (rows: number) => progress.written(rows),
  };
  try {
    if (config.out === "-") await print(exportsOf(databaseUrl)(request, listener));
    else await exportToFile(databaseUrl, request, config.out, listener);
  } finally {
    progress.end();
  }
  if (plan !== undefined) await tellFit(config.out, plan);
}

async function exportPolicyFeatures(pool: Pool, choice: FeaturesChoice, config: ExportConfig): Promise<void> {
  const policy = await policyNamed(choice.policy, choice.policies, { models: "optional" });
  const progress = showProgress("rows read");
  const { labels, group } = choice;
  const { out, robots, since, until } = config;
  const options = { out, robots, since, until, labels, group, onRows: (rows: number) => progress.scanned(rows) };
  const report = await exportFeatures(pool, policy, options).finally(() => progress.end());
  for (const line of describeFeatures(out, report)) console.error(line);
}

async function exportDataset(pool: Pool, choice: LerobotChoice, { out, dataDir }: ExportConfig): Promise<void> {
  const progress = showProgress("rows read");
  const options = { ...choice, out, blobFolder: blobFolderOf(dataDir) };
  const report = await exportLerobot(pool, options, (rows) => progress.scanned(rows)).finally(() => progress.end());
  for (const line of describeReport(out, report)) console.error(line);
}

async function exportChosen(databaseUrl: string, config: ExportConfig): Promise<void> {
  const { work } = config;
  if (work.kind === "rows") return exportRows(databaseUrl, work, config);
  // The export tells of a broken connection itself. A dataset reads three tables at a time.
  const pool = openPool(databaseUrl, () => undefined, 3);
  const exported =
    work.kind === "lerobot" ? exportDataset(pool, work, config) : exportPolicyFeatures(pool, work, config);
  await exported.finally(() => pool.end());
}

async function readSchema(file: string): Promise<ColumnSchema> {
  try {
    const schema = validateColumnSchema(JSON.parse(await readFile(file, "utf8")));
    if (schema.ok) return schema.value;
    throw new Error(schema.problem);
  } catch (error) {
    throw new Error(`--schema ${file}: ${messageOf(error)}`);
  }
}

/** Whoever reads may have enough before the end. */
async function print(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(bytes, { objectMode: false }), process.stdout);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

/** What did not fit is never silent: on standard error, and beside the file. */
async function tellFit(out: string, plan: ExportPlan): Promise<void> {
  if (out !== "-") console.error(`${out}: ${counted(plan.rows, "row")}`);
  for (const line of describeFit(plan)) console.error(line);
  if (out === "-") return;
  const report = `${out}.report.json`;
  if (plan.misfits.length + plan.leftOut.length === 0) await rm(report, { force: true });
  else await writeWhole(report, [Buffer.from(`${JSON.stringify(reportOf(plan), undefined, 2)}\n`)]);
}

exitOnSignals();
try {
  const config = readExportConfig(process.argv.slice(2));
  await exportChosen(await databaseUrlOf(config), config);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
