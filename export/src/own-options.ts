/** Options of `npm run export` that go with one kind of export alone: they stand under its heading in the help. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ExportConfig } from "./config.ts";

type Kind = ExportConfig["work"]["kind"];

const titles: Readonly<Record<Kind, string>> = {
  rows: "csv, jsonl and parquet",
  features: "--policy",
  lerobot: "--format lerobot",
};
const kinds: readonly Kind[] = ["rows", "features", "lerobot"];

/** The heading over the options of one kind. */
export const headingOf = (kind: Kind) => `With ${titles[kind]}:`;

/**
 * An option that would change nothing is a mistake. What the environment says is meant for all commands.
 *
 * @throws when the command line has an option under the heading of another kind
 */
export function refuseOthers(program: CommandUnknownOpts, kind: Kind): void {
  const given = program.options.filter((option) => program.getOptionValueSource(option.attributeName()) === "cli");
  for (const other of kinds) {
    if (other === kind) continue;
    const flag = given.find(({ helpGroupHeading }) => helpGroupHeading === headingOf(other))?.long;
    if (flag !== undefined) throw new Error(`${flag} goes with ${titles[other]}, and not with ${titles[kind]}`);
  }
}
