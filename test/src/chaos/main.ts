/** `npm run chaos`: kills, freezes and cuts off parts of the running system, and counts what was lost. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { commaSeparated, readBy, wholeNumber } from "@physical-ai/service/options";
import { runChaos } from "./chaos.ts";
import { faultOf } from "./rounds.ts";

const program = new Command("npm run chaos --")
  .description(
    "Runs PostgreSQL, hubs, workers, viewers and relays under load; each round kills, freezes or cuts off one of them. " +
      "At the end every packet that a relay accepted must be in the table exactly once, in order, unchanged.",
  )
  .addOption(
    new Option("--rounds <count>", "faults, one after the other").default(20).argParser(wholeNumber(0, 100_000)),
  )
  .addOption(new Option("--seed <number>", "decides who suffers what").default(1).argParser(wholeNumber(0, 2 ** 31)))
  .addOption(new Option("--hubs <count>", "on one database").default(2).argParser(wholeNumber(1, 2)))
  .addOption(new Option("--relays <count>", "relays, spread over the hubs").default(3).argParser(wholeNumber(1, 100)))
  .addOption(new Option("--rate <hz>", "packets a second of each relay").default(300).argParser(wholeNumber(1, 10_000)))
  .addOption(
    new Option("--quota-mb <megabytes>", "of each relay's disk log; a small one makes it drop and say so")
      .default(1_024)
      .argParser(wholeNumber(1, 100_000)),
  )
  .addOption(new Option("--faults <kinds>", "only these, with commas between them").argParser(readBy(faultKinds)))
  .option("--json", "print the result as one JSON object at the end", false)
  .option("--keep", "leave the data folder also where nothing is wrong", false)
  .parse();
const { json, keep, ...options } = program.opts();
const say = (line: string) => console.error(line);

const folder = await mkdtemp(join(tmpdir(), "hub-chaos-"));
const stopping = new AbortController();
for (const event of ["SIGINT", "SIGTERM"]) process.once(event, () => stopping.abort());

const { good, result } = await runChaos({ ...options, folder, say, signal: stopping.signal });
if (good && !keep) await rm(folder, { recursive: true, force: true });
else say(`the data and everyone's logs are in ${folder}`);
if (json) console.log(JSON.stringify(result));
process.exit(good ? 0 : 1);

function faultKinds(text: string): string[] {
  return commaSeparated(text).map((kind) => faultOf(kind).kind);
}
