import { CommanderError } from "@commander-js/extra-typings";
import { describe, expect, it, vi } from "vitest";
import { type RelayCommands, type RelayConfig, runCommandLine } from "./config.ts";

type Recording = Parameters<RelayCommands["print"]>[0];

/** What the command line asks for. */
async function read(...args: string[]) {
  const asked: { relay?: RelayConfig; print?: Recording } = {};
  await runCommandLine(args, {
    relay: async (config) => {
      asked.relay = config;
    },
    print: async (recording) => {
      asked.print = recording;
    },
  });
  return asked;
}
const readSource = async (...args: string[]) => (await read(...args)).relay?.source;

it("is a simulated robot when nothing else is said of it", async () => {
  const { relay } = await read("--hub-url", "http://hub:1234", "--relay-id", "pi-1", "simulator");
  expect(relay).toMatchObject({
    hubUrl: "http://hub:1234",
    relayId: "pi-1",
    buffer: {
      kind: "disk",
      options: {
        folder: "data/relay/pi-1",
        maxBytes: 1024 ** 3,
        fsync: { kind: "group" },
        isKept: expect.any(Function),
      },
    },
    source: { kind: "simulator", options: { robots: 1, robotId: "EP01", robotType: "EP01" } },
  });
});

it("keeps packets where it is told to", async () => {
  const { relay: inMemory } = await read("--buffer", "memory", "--buffer-mb", "2", "simulator");
  expect(inMemory?.buffer).toEqual({ kind: "memory", options: { maxBytes: 2 * 1024 * 1024 } });
  const options = [
    "--data-dir",
    "/var/robots",
    "--relay-id",
    "../a b",
    "--disk-quota-mb",
    "5",
    "--fsync",
    "interval:200",
  ];
  const { relay } = await read("simulator", ...options, "--keep-types", "bump, alarm/*");
  if (relay?.buffer.kind !== "disk") throw new Error("expected a disk log");
  const { folder, maxBytes, fsync, isKept = () => false } = relay.buffer.options;
  expect([folder, maxBytes, fsync]).toEqual([
    "/var/robots/relay/%2E%2E%2Fa%20b",
    5 * 1024 * 1024,
    { kind: "interval", ms: 200 },
  ]);
  expect(["bump", "alarm/fire", "battery", "bumper"].map(isKept)).toEqual([true, true, false, false]);
});

it("prints a recording", async () => {
  const asked = await read("print", "a.csv", "--type", "imu", "--timestamps", "recorded");
  expect(asked).toMatchObject({ print: { file: "a.csv", columns: { type: "imu" }, timestamps: "recorded" } });
});

it("takes the relay's options before and after the source's name", async () => {
  const { relay } = await read("--token", "secret", "simulator", "--robots", "3", "--seed", "7", "--log-level", "warn");
  expect(relay).toMatchObject({ token: "secret", logLevel: "warn", source: { options: { robots: 3, seed: 7 } } });
});

describe("replay", () => {
  it("takes a file and its pace", async () => {
    expect(await readSource("replay", "a.csv", "--speed", "max")).toMatchObject({
      kind: "replay",
      options: { file: "a.csv", pace: { kind: "max" }, timestamps: "emission", columns: undefined },
    });
    expect(await readSource("replay", "a.csv", "--speed", "2.5")).toMatchObject({
      options: { pace: { kind: "recorded", speed: 2.5 } },
    });
    expect(await readSource("replay", "a.csv", "--rate", "500")).toMatchObject({
      options: { pace: { kind: "rate", hz: 500 } },
    });
  });

  it("takes a description of CSV columns", async () => {
    const source = await readSource(
      ...[
        "replay",
        "a.csv",
        "--type",
        "imu",
        "--hz",
        "50",
        "--vector",
        "acc=ax,ay",
        "--vector",
        "gyro=g1..g2",
        "--label",
        "mode",
      ],
    );
    expect(source).toMatchObject({
      options: {
        columns: {
          type: "imu",
          hz: 50,
          label: "mode",
          vectors: [
            { name: "acc", columns: ["ax", "ay"] },
            { name: "gyro", columns: ["g1", "g2"] },
          ],
        },
      },
    });
  });
});

it.each([
  ["an address that is none", ["--hub-url", "hub"], /expected http:\/\/host:port/],
  ["an fsync policy that is none", ["--fsync", "sometimes"], /expected group, interval:<milliseconds> or never/],
  ["no robots", ["simulator", "--robots", "0"], /expected a whole number from 1/],
  ["a speed that is none", ["replay", "f", "--speed", "fast"], /expected a number above 0/],
  ["speed and rate", ["replay", "f", "--speed", "2", "--rate", "3"], /cannot be used with/],
  ["columns that are none", ["replay", "f", "--vector", "S1"], /expected name=columns/],
  ["no file", ["replay"], /missing required argument/],
  ["no command, and says how it is used", [], /^Usage: npm run relay -- \[options\] \[command\]/],
  ["options without a command", ["--relay-id", "pi-1"], /^Usage: npm run relay --/],
  ["a command that is none", ["play"], /unknown command 'play'.*npm run relay -- --help lists the commands/s],
])("refuses %s", async (_, args, message) => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    await expect(read(...args)).rejects.toThrow(CommanderError);
    expect(written.mock.calls.join("")).toMatch(message);
  } finally {
    written.mockRestore();
  }
});
