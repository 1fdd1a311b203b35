/** `npm run export`, against COPY of the very same query, and its memory from few rows to many. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type ExportFormat, type ExportPlan, exportToFile } from "@physical-ai/export";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { exportProgram } from "../command-lines.ts";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { type Bench, type BenchContext, median, ratePerSecond } from "./bench.ts";
import { benchPacket } from "./packets.ts";

const fewRows = 10_000;
const manyRows = 1_000_000;
const batchRows = 10_000;
const packetMs = 10;
const rounds = 3;
const few = "EP01_FEW";
const many = "EP01_MANY";

export const exportRows: Bench = {
  description: "rows to CSV and Parquet against COPY of the same query; memory at 10,000 and at 1,000,000 rows",
  async run({ postgresUrl, folder, say }) {
    const database = await createTestDatabase(postgresUrl);
    try {
      say(`storing ${fewRows + manyRows} rows`);
      await store(database, few, fewRows);
      await store(database, many, manyRows);
      const results: RoundResult[] = [];
      for (let round = 1; round <= rounds; round++) {
        say(`round ${round} of ${rounds}`);
        results.push(await runRound(database, folder, say));
      }
      const figure = (pick: (result: RoundResult) => number) => median(results.map(pick));
      return {
        csv_rows_per_s: figure(({ csv }) => csv),
        copy_rows_per_s: figure(({ copy }) => copy),
        ratio: figure(({ csv, copy }) => csv / copy),
        parquet_rows_per_s: figure(({ parquet }) => parquet),
        rss_mb_small: await rssOf(database, folder, few, "csv"),
        rss_mb_large: await rssOf(database, folder, many, "csv"),
        rss_mb_parquet_small: await rssOf(database, folder, few, "parquet"),
        rss_mb_parquet_large: await rssOf(database, folder, many, "parquet"),
      };
    } finally {
      await database.drop();
    }
  },
};

interface RoundResult {
  copy: number;
  csv: number;
  parquet: number;
}

/** One after the other: the machine's mood is the same for all. */
async function runRound({ pool, url }: TestDatabase, folder: string, say: BenchContext["say"]): Promise<RoundResult> {
  const told = (what: string, rate: number) => {
    say(`  ${what.padEnd(34)} ${Math.round(rate)} rows/s`);
    return rate;
  };
  let sql = "";
  const csv = told(
    "the export to CSV, with its scan",
    await measureExport(url, folder, "csv", (query) => {
      sql = query;
    }),
  );
  const copy = told("COPY of the same query", await ratePerSecond(manyRows, () => copyOut(pool, sql)));
  const parquet = told("the export to Parquet", await measureExport(url, folder, "parquet"));
  return { copy, csv, parquet };
}

function measureExport(
  databaseUrl: string,
  folder: string,
  format: ExportFormat,
  onQuery: (sql: string) => void = () => undefined,
): Promise<number> {
  const request = { table: "telemetry", selection: { robots: [many] }, format, withInputs: false } as const;
  const onPlan = ({ sql }: ExportPlan) => onQuery(sql);
  const file = join(folder, `rows.${format}`);
  return ratePerSecond(manyRows, () => exportToFile(databaseUrl, request, file, { onPlan }));
}

async function copyOut(pool: pg.Pool, sql: string): Promise<void> {
  const client = await pool.connect();
  try {
    const copy = client.query(copyTo(`copy (${sql}) to stdout (format csv)`));
    copy.resume();
    await once(copy, "end");
  } finally {
    client.release();
  }
}

/** The most memory that the command ever has, in MB. */
async function rssOf({ url }: TestDatabase, folder: string, robot: string, format: ExportFormat): Promise<number> {
  const tell = "process.on('exit', () => console.log(process.resourceUsage().maxRSS / 1024))";
  const args = ["--database-url", url, "--robot", robot, "--out", join(folder, `${robot}.${format}`)];
  const child = spawn(process.execPath, ["--import", `data:text/javascript,${tell}`, exportProgram, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [[code], said] = await Promise.all([once(child, "close"), text(child.stdout)]);
  if (code !== 0) throw new Error(`the export of ${robot} to ${format} ended with ${code}`);
  return Number(said);
}

async function store({ store }: TestDatabase, robotId: string, rows: number): Promise<void> {
  const begin = Date.now() - rows * packetMs;
  for (let first = 0; first < rows; first += batchRows) {
    const batch = Array.from({ length: batchRows }, (_, index) => {
      const createdAt = begin + (first + index) * packetMs;
      const valueJson = JSON.stringify(benchPacket(first + index, 1).val);
      const origin = { streamId: undefined, seq: undefined };
      return { robotId, robotType: "EP01", dataType: "imu", valueJson, createdAt, receivedAt: createdAt, ...origin };
    });
    await store.commitTelemetry([{ rows: batch }]);
  }
}
