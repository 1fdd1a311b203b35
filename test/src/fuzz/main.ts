/** `npm run fuzz`: attacks a hub with everything that clients can send, and counts what came of it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { embeddedSettings, startEmbeddedServer } from "@physical-ai/db";
import { wholeNumber } from "@physical-ai/service/options";
import { runFuzz } from "./fuzz.ts";

const { databaseUrl, json, keep, ...options } = new Command("npm run fuzz --")
  .description(
    "Sends a hub mutated, truncated, huge, deeply nested and wrong-typed messages of every event, broken frames and HTTP " +
      "that is none, beside healthy clients. The hub must not crash, must accept nothing that the contract's validators " +
      "refuse, and must not lose a packet of the healthy relay.",
  )
  .addOption(new Option("--messages <count>", "how many").default(100_000).argParser(wholeNumber(1, 1e9)))
  .addOption(new Option("--seed <number>", "decides what is sent").default(1).argParser(wholeNumber(0, 2 ** 31)))
  .addOption(
    new Option("--database-url <url>", "a PostgreSQL server; an embedded one when missing").env("DATABASE_URL"),
  )
  .option("--json", "print the result as one JSON object at the end", false)
  .option("--keep", "leave the folder with the hub's log", false)
  .parse()
  .opts();

const say = (line: string) => console.error(line);
const folder = await mkdtemp(join(tmpdir(), "hub-fuzz-"));
const server =
  databaseUrl === undefined ? await startEmbeddedServer(await embeddedSettings(folder), () => undefined) : undefined;
let good = false;
try {
  const result = await runFuzz({
    ...options,
    folder,
    postgresUrl: databaseUrl ?? server?.databaseUrl ?? "",
    say,
    onProgress: showProgress,
  });
  const { crashes, accepted_invalid, healthy_rows_missing, healthy, ...others } = result;
  good = crashes === 0 && accepted_invalid === 0 && healthy_rows_missing === 0;
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  for (const [name, value] of Object.entries({
    crashes,
    accepted_invalid,
    healthy_rows_missing,
    ...healthy,
    ...others,
  })) {
    say(`${name.padEnd(24)} ${value}`);
  }
  if (json) console.log(JSON.stringify(result));
} finally {
  await server?.stop();
  if (good && !keep) await rm(folder, { recursive: true, force: true });
  else say(`the hub's log is in ${folder}`);
}
process.exit(good ? 0 : 1);

function showProgress(messages: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${messages} of ${options.messages} messages `);
}
