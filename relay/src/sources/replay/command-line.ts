/** `npm run relay -- replay` and `print`: which recording, how its columns become packets, how fast it goes. */
import { Option } from "@commander-js/extra-typings";
import { positiveNumber, readBy } from "@physical-ai/service/options";
import { type SourceCommand, subcommand } from "../source.ts";
import { parseVectorColumns, type VectorColumns } from "./csv.ts";
import { formats } from "./formats.ts";
import { showProgress } from "./progress.ts";
import { type Pace, type ReplayOptions, ReplaySource } from "./replay-source.ts";

export const replayCommand: SourceCommand = (runRelay) =>
  recordingCommand("replay", "a recording; ends when the hub has committed all of it")
    .addOption(new Option("--speed <factor>", "times the recorded speed, or max").conflicts("rate").argParser(speed))
    .addOption(new Option("--rate <hz>", "packets a second").argParser(rate))
    .action((file, { speed: bySpeed, rate: byRate, ...recording }) => {
      const options = { ...recordingOf(file, recording), pace: bySpeed ?? byRate };
      return runRelay({ kind: "replay", options, endsWhenRejected: true, open: () => openReplay(options) });
    });

/** No source: a recording that goes to stdout instead of a hub. */
export function printCommand(print: (recording: ReplayOptions) => Promise<void>) {
  return recordingCommand("print", "writes a recording's packets to stdout, one JSON object a line").action(
    (file, options) => print(recordingOf(file, options)),
  );
}

async function openReplay(options: ReplayOptions): Promise<ReplaySource> {
  const source = new ReplaySource(options);
  await source.check();
  if (process.stderr.isTTY) showProgress(source, process.stderr);
  return source;
}

function recordingCommand(name: string, description: string) {
  return subcommand(name, description)
    .argument("<file>", "the recording")
    .addOption(new Option("--format <format>", "recognised when missing").choices(formats))
    .addOption(new Option("--type <type>", "CSV: the packets' data type"))
    .addOption(new Option("--value <column>", "CSV: the column that is the whole value").conflicts(["vector", "label"]))
    .addOption(
      new Option(
        "--vector <name=columns>",
        "CSV: a vector of columns, as in ranges=S1..S24 or acc=ax,ay,az (repeatable)",
      ).argParser(vector),
    )
    .addOption(new Option("--label <column>", "CSV: the column that goes to val.label"))
    .addOption(new Option("--hz <hz>", "CSV: rows a second").default(1).argParser(positiveNumber))
    .addOption(
      new Option("--timestamps <which>", "packets bear the time of emission or of the recording")
        .choices(["emission", "recorded"] as const)
        .default("emission" as const),
    )
    .addOption(new Option("--robot-id <id>", "the robot of a recording that names none").default("EP01"))
    .addOption(new Option("--robot-type <type>", "its type").default("EP01"));
}

type RecordingOptions = ReturnType<ReturnType<typeof recordingCommand>["opts"]>;

function recordingOf(file: string, options: RecordingOptions): ReplayOptions {
  const { format, type, value, vector: vectors, label, hz, timestamps, robotId, robotType } = options;
  const columns = type === undefined ? undefined : { type, value, vectors, label, hz };
  return { file, format, columns, timestamps, robot: { robotId, robotType } };
}

function speed(text: string): Pace {
  return text === "max" ? { kind: "max" } : { kind: "recorded", speed: positiveNumber(text) };
}

function rate(text: string): Pace {
  return { kind: "rate", hz: positiveNumber(text) };
}

function vector(text: string, before: VectorColumns[] = []): VectorColumns[] {
  return [...before, readBy(parseVectorColumns)(text)];
}
