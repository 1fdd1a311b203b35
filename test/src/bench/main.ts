/** `npm run bench -- <name>`: measures, as ratios within one run. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { embeddedSettings, startEmbeddedServer } from "@physical-ai/db";
import { stopRequested } from "@physical-ai/service";
import { type Bench, type BenchContext, type Figures, rounded } from "./bench.ts";
import { exportRows } from "./export.ts";
import { fanout } from "./fanout.ts";
import { inference } from "./inference.ts";
import { ingest } from "./ingest.ts";
import { latency } from "./latency.ts";
import { replay } from "./replay.ts";
import { zmq } from "./zmq.ts";

const benches: Record<string, Bench> = {
  ingest,
  latency,
  fanout,
  inference,
  zmq,
  export: exportRows,
  replay,
};

const program = new Command("npm run bench --")
  .description(
    `Measures the system against its limits, in one run of one to five minutes on this machine.\n\n${Object.entries(
      benches,
    )
      .map(([name, bench]) => `  ${name.padEnd(10)} ${bench.description}`)
      .join("\n")}`,
  )
  .argument("<name>", `one of ${Object.keys(benches).join(", ")}`)
  .addOption(
    new Option("--database-url <url>", "a PostgreSQL server; an embedded one when missing").env("DATABASE_URL"),
  )
  .option("--json", "print the figures as one JSON object at the end", false)
  .parse();
const [name] = program.processedArgs;
const { databaseUrl, json } = program.opts();
const bench: Bench = benches[name] ?? program.error(`no bench ${name}; there are ${Object.keys(benches).join(", ")}`);

const stopping = stopRequested();
const folder = await mkdtemp(join(tmpdir(), "hub-bench-"));
const server =
  databaseUrl === undefined ? await startEmbeddedServer(await embeddedSettings(folder), () => undefined) : undefined;
const context: BenchContext = {
  postgresUrl: databaseUrl ?? server?.databaseUrl ?? "",
  folder,
  say: (line) => console.error(line),
};
try {
  const figures = await Promise.race([bench.run(context), stopping.then(() => undefined)]);
  if (figures === undefined) process.exitCode = 130;
  else tell(rounded(figures));
} finally {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}
// Ends what a bench that was stopped has started: each process goes with its parent.
process.exit();

function tell(figures: Figures): void {
  for (const [figure, value] of Object.entries(figures)) console.error(`${figure.padEnd(24)} ${value}`);
  if (json) console.log(JSON.stringify(figures));
}
