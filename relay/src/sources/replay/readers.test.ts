/** The three readers on small recordings. */
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { parseVectorColumns, readCsv } from "./csv.ts";
import { readGraspFailures } from "./grasp-failures.ts";
import { readNdjson } from "./ndjson.ts";
import type { RecordedPacket, RecordedPackets } from "./recording.ts";

const robot = { robotId: "R1", robotType: "EP01" };
const input = (text: string) => Readable.from([text]);

async function all(readings: RecordedPackets): Promise<RecordedPacket[]> {
  const read: RecordedPacket[] = [];
  for await (const reading of readings) read.push(reading);
  return read;
}

describe("CSV", () => {
  const mapping = { type: "ultrasound", vectors: [{ name: "ranges", columns: ["S1", "S2"] }], label: "OUTPUT", hz: 4 };
  const read = (text: string, columns = mapping) => all(readCsv(input(text), "file.csv", columns, robot));

  it("makes a packet of each row", async () => {
    expect(await read("S1,S2,OUTPUT\n0.438,5.000,Move-Forward\n\n1,2,Sharp-Right-Turn\n")).toEqual([
      {
        packet: {
          robot_id: "R1",
          robot_type: "EP01",
          type: "ultrasound",
          val: { ranges: [0.438, 5], label: "Move-Forward" },
        },
        offsetMs: 0,
      },
      {
        packet: {
          robot_id: "R1",
          robot_type: "EP01",
          type: "ultrasound",
          val: { ranges: [1, 2], label: "Sharp-Right-Turn" },
        },
        offsetMs: 250,
      },
    ]);
  });

  it("makes scalars of one column", async () => {
    const battery = readCsv(
      input("time,percent\n1,87.5\n2,87\n"),
      "b.csv",
      { type: "battery", value: "percent", hz: 1 },
      robot,
    );
    expect((await all(battery)).map(({ packet }) => packet.val)).toEqual([87.5, 87]);
  });

  it("takes every column when it is told of none", async () => {
    const [first] = await all(readCsv(input("\ufeffx,y,mode\r\n1,-2e3,\r\n"), "f.csv", { type: "odom", hz: 1 }, robot));
    expect(first?.packet.val).toEqual({ x: 1, y: -2000, mode: "" });
  });

  it.each([
    ["a word for a number", "S1,S2,OUTPUT\n1,2,a\n1,two,a\n", /^file\.csv:3: column S2 must be a number; got "two"/],
    ["an empty field", "S1,S2,OUTPUT\n,2,a\n", /^file\.csv:2: column S1 must be a number; got ""/],
    ["a missing column", "S1,OUTPUT\n1,a\n", /^file\.csv:2: there is no column S2; the header has S1, OUTPUT/],
    ["a short row", "S1,S2,OUTPUT\n1,2,a\n1,2\n", /^file\.csv:3: /],
  ])("refuses %s with file and line", async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

describe("a vector of columns", () => {
  it.each([
    ["ranges=S1..S4", "ranges", ["S1", "S2", "S3", "S4"]],
    ["ranges=S9..11", "ranges", ["S9", "S10", "S11"]],
    ["acc=ax,ay,az", "acc", ["ax", "ay", "az"]],
    ["mixed=a,b1..b2", "mixed", ["a", "b1", "b2"]],
  ])("understands %s", (text, name, columns) => {
    expect(parseVectorColumns(text)).toEqual({ name, columns });
  });

  it.each(["ranges", "ranges=", "=S1", "a=b=c", "ranges=S4..S1", "ranges=S1..T4"])("refuses %s", (text) => {
    expect(() => parseVectorColumns(text)).toThrow(/expected/);
  });
});

describe("NDJSON", () => {
  const line = (ts: number | undefined, val: unknown) =>
    JSON.stringify({ robot_id: "R2", robot_type: "GO1", type: "odom", val, ts });

  it("keeps packets as they are, with the recording's spacing", async () => {
    const read = await all(
      readNdjson(input(`${line(5_000, 1)}\n${line(undefined, 2)}\n\n${line(5_040, { x: 3 })}`), "f"),
    );
    expect(read.map(({ offsetMs }) => offsetMs)).toEqual([0, 0, 40]);
    expect(read[2]?.packet).toEqual({ robot_id: "R2", robot_type: "GO1", type: "odom", val: { x: 3 }, ts: 5_040 });
  });

  it.each([
    ["what is not JSON", `${line(1, 1)}\n{"robot_id"`, /^f\.ndjson:2: expected one JSON object a line/],
    ["what is no packet", `${line(1, 1)}\n\n{"robot_id":7}`, /^f\.ndjson:3: a packet: /],
  ])("refuses %s with file and line", async (_, text, message) => {
    await expect(all(readNdjson(input(text), "f.ndjson"))).rejects.toThrow(message);
  });
});

describe("grasp failures", () => {
  const block = (label: string, samples = 15) =>
    `${label}\n${Array.from({ length: samples }, (_, index) => `\t${index}\t-1\t63\t-3\t-1\t0\n`).join("")}\n\n`;
  const read = (text: string) => all(readGraspFailures(input(text), "lp.txt", robot));

  it("makes a packet of each sample, with its block and its place in it", async () => {
    const samples = await read(block("normal") + block("fr_collision"));
    expect(samples).toHaveLength(30);
    expect(samples[16]?.packet).toEqual({
      robot_id: "R1",
      robot_type: "EP01",
      type: "force_torque",
      val: { wrench: [1, -1, 63, -3, -1, 0], label: "fr_collision", block: 1, sample: 1 },
    });
    expect([1, 14, 15, 16].map((index) => samples[index]?.offsetMs)).toEqual([21, 294, 2_294, 2_315]);
  });

  it.each([
    [
      "a short block",
      block("normal", 14) + block("normal"),
      /^lp\.txt:18: expected 15 samples in the block before; got 14/,
    ],
    ["a long block", block("normal", 16), /^lp\.txt:17: expected a class name/],
    ["a short last block", block("normal", 3), /^lp\.txt:6: expected 15 samples in the last block; got 3/],
    ["samples without a class", "1 2 3 4 5 6\n", /^lp\.txt:1: expected a class name/],
    ["a short sample", "normal\n1 2 3\n", /^lp\.txt:2: expected 6 numbers; got "1 2 3"/],
  ])("refuses %s with file and line", async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
