/** `npm run relay -- simulator`: how many robots, and which. */
import { Option } from "@commander-js/extra-typings";
import { wholeNumber } from "@physical-ai/service/options";
import { type SourceCommand, subcommand } from "../source.ts";
import { SimulatorSource } from "./simulator-source.ts";

export const simulatorCommand: SourceCommand = (runRelay) =>
  subcommand("simulator", "robots in simulated rooms, which obey drive and stop")
    .addOption(new Option("--robots <count>", "how many robots").default(1).argParser(wholeNumber(1)))
    .addOption(new Option("--robot-id <id>", "the first robot's id; the others add _02, _03 …").default("EP01"))
    .addOption(new Option("--robot-type <type>", "the robots' type").default("EP01"))
    .addOption(
      new Option("--seed <seed>", "decides the rooms and the sensors' noise").default(1).argParser(wholeNumber(0)),
    )
    .action((options) =>
      runRelay({
        kind: "simulator",
        options,
        endsWhenRejected: false,
        open: async () => new SimulatorSource(options),
      }),
    );
