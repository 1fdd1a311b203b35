/** `npm run bench -- <name>`: measures, as ratios within one run. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { embeddedSettings, startEmbeddedServer } from "@physical-ai/db";
import { type Bench, rounded } from "./bench.ts";
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
    `Measures the system against its limits, in one run on this machine.\n\n${Object.entries(benches)
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

const folder = await mkdtemp(join(tmpdir(), "hub-bench-"));
const server =
  databaseUrl === undefined ? await startEmbeddedServer(await embeddedSettings(folder), () => undefined) : undefined;
try {
  const figures = rounded(
    await bench.run({
      postgresUrl: databaseUrl ?? server?.databaseUrl ?? "",
      folder,
      say: (line) => console.error(line),
    }),
  );
  for (const [figure, value] of Object.entries(figures)) console.error(`${figure.padEnd(24)} ${value}`);
  if (json) console.log(JSON.stringify(figures));
} finally {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
