import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Packet } from "@physical-ai/unity-protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Source } from "../source.ts";
import { dueMs, type ReplayClock, type ReplayOptions, ReplaySource } from "./replay-source.ts";

let folder: string;
const write = async (name: string, text: string) => {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "replay-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Whatever can go on without the relay has gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
}

/** Replays to the end as fast as possible. */
async function replay(options: ReplayOptions) {
  const emitted: Packet[][] = [];
  const source = new ReplaySource({ pace: { kind: "max" }, ...options });
  source.start({
    accept: async (packets) => {
      emitted.push([...packets]);
    },
    ready: async () => undefined,
  });
  await source.finished;
  return { emitted, packets: emitted.flat(), source };
}

it("emits every packet in order, stamped with now, and ends", async () => {
  const rows = Array.from({ length: 250 }, (_, index) => index);
  const file = await write("battery.csv", `percent\n${rows.join("\n")}\n`);
  const before = Date.now();
  const { packets, emitted, source } = await replay({ file, columns: { type: "battery", value: "percent", hz: 1 } });
  expect(packets.map(({ val }) => val)).toEqual(rows);
  expect(packets[0]?.ts).toBeGreaterThanOrEqual(before);
  expect(packets.at(-1)?.ts).toBeLessThanOrEqual(Date.now());
  expect(emitted.map((chunk) => chunk.length)).toEqual([100, 100, 50]);
  expect(source.progress).toMatchObject({ packets: 250, share: 1 });
});

it("keeps recorded times when asked to", async () => {
  const line = JSON.stringify({ robot_id: "R", robot_type: "GO1", type: "t", val: 1, ts: 1_700_000_000_000 });
  const file = await write("packets.ndjson", line);
  expect((await replay({ file, timestamps: "recorded" })).packets[0]?.ts).toBe(1_700_000_000_000);
});

it("waits for the relay before it begins, and before it reads on", async () => {
  const file = await write("battery.csv", `percent\n${"1\n".repeat(500)}`);
  const source = new ReplaySource({ file, pace: { kind: "max" }, columns: { type: "b", value: "percent", hz: 1 } });
  const chunks: number[] = [];
  let onAsked: (release: () => void) => void = () => undefined;
  /** The source has asked whether the relay is ready; answers how it is let go on. */
  const asked = () =>
    new Promise<() => void>((resolve) => {
      onAsked = resolve;
    });
  const first = asked();
  source.start({
    accept: async (packets) => {
      chunks.push(packets.length);
    },
    ready: async () => {
      if (chunks.length < 2) await new Promise<void>((release) => onAsked(release));
    },
  });
  let release = await first;
  await settled();
  expect(chunks).toEqual([]);
  const second = asked();
  release();
  release = await second;
  await settled();
  expect(chunks).toEqual([100]);
  release();
  await source.finished;
  expect(chunks).toHaveLength(5);
});

it("stops in the middle", async () => {
  const file = await write("battery.csv", `percent\n${"1\n".repeat(500)}`);
  const source = new ReplaySource({ file, columns: { type: "b", value: "percent", hz: 0.001 } });
  const packets: Packet[] = [];
  await new Promise<void>((arrived) => {
    source.start({
      accept: async (emitted) => {
        packets.push(...emitted);
        arrived();
      },
      ready: async () => undefined,
    });
  });
  await source.stop();
  await source.finished;
  expect(packets).toHaveLength(1);
});

it("obeys no commands", async () => {
  const source: Source = new ReplaySource({ file: "none" });
  const command = { command_id: "x", robot_id: "EP01", action: "stop", expires_at: 0, ttl_ms: 0 };
  expect(await source.execute(command)).toMatchObject({ status: "failed" });
});

describe("the pace", () => {
  it("follows the recording at a multiple of its speed", () => {
    expect([0, 500, 1_000].map((offsetMs, index) => dueMs({ kind: "recorded", speed: 2 }, index, offsetMs))).toEqual([
      0, 250, 500,
    ]);
  });

  it("keeps a fixed rate whatever was recorded", () => {
    expect([0, 1, 2].map((index) => dueMs({ kind: "rate", hz: 500 }, index, 9_999))).toEqual([0, 2, 4]);
  });

  it("never waits at the highest speed", () => {
    expect(dueMs({ kind: "max" }, 10, 9_999)).toBe(0);
  });
});

it("counts its pace from when the relay is ready", async () => {
  const file = await write("battery.csv", `percent\n${"1\n".repeat(20)}`);
  let now = 0;
  const clock: ReplayClock = {
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
  const source = new ReplaySource({ file, columns: { type: "b", value: "percent", hz: 50 } }, clock);
  const chunks: number[] = [];
  let isReady = false;
  source.start({
    accept: async (packets) => void chunks.push(packets.length),
    ready: async () => {
      if (!isReady) now += 300;
      isReady = true;
    },
  });
  await source.finished;
  expect(chunks.length).toBeGreaterThan(5);
});

it("tells a recording that can be replayed, without giving anything", async () => {
  const file = await write("battery.csv", "percent\n1\nmuch\n");
  const columns = { type: "battery", value: "percent", hz: 1 };
  await new ReplaySource({ file, columns }).check();
});

it.each([
  ["a missing file", "none.csv", undefined, /^expected a recording at \/.*none\.csv: there is no such file$/],
  ["a folder", ".", undefined, /^expected a recording at \/.*: this is a folder$/],
  ["an unknown format", "file.bin", "1 2 3", /file\.bin: the format is not recognised/],
  ["a CSV file without a mapping", "file.csv", "a,b\n1,2\n", /say what its columns are/],
])("fails on %s, and says so before it starts", async (_, name, text, message) => {
  const file = text === undefined ? join(folder, name) : await write(name, text);
  await expect(replay({ file })).rejects.toThrow(message);
  await expect(new ReplaySource({ file }).check()).rejects.toThrow(message);
});

it.each([
  ["a column that is not there", "a,b\n1,2\n", /file\.csv:2: there is no column percent; the header has a, b/],
  ["a value that is no number", "percent\nmuch\n", /file\.csv:2: column percent must be a number; got "much"/],
  ["no packets", "percent\n", /file\.csv: expected packets; there are none in it/],
])("says before it starts that there is %s", async (_, text, message) => {
  const source = new ReplaySource({
    file: await write("file.csv", text),
    columns: { type: "b", value: "percent", hz: 1 },
  });
  await expect(source.check()).rejects.toThrow(message);
});

const recordings = fileURLToPath(new URL("../../../../../shared/data", import.meta.url));
describe.skipIf(!existsSync(recordings))("the real recordings (skipped where ../shared/data is missing)", () => {
  it("of wall following is recognised and comes value by value", async () => {
    const file = join(recordings, "wall_following_24.csv");
    const { packets } = await replay({ file });
    const [, ...rows] = (await readFile(file, "utf8")).trim().split("\n");
    expect(packets).toHaveLength(5_456);
    const expected = rows.map((row) => row.trim().split(","));
    expect(packets.map(({ val }) => val)).toEqual(
      expected.map((row) => ({ ranges: row.slice(0, 24).map(Number), label: row[24] })),
    );
  });

  it("of grasp failures is recognised: 88 blocks of 15 samples", async () => {
    const { packets } = await replay({ file: join(recordings, "robot_execution_failures_lp1.txt") });
    expect(packets).toHaveLength(88 * 15);
    const labels = packets.flatMap(({ val }) => {
      const { label, sample } = val as { label: string; sample: number };
      return sample === 0 ? [label] : [];
    });
    const count = (label: string) => labels.filter((other) => other === label).length;
    expect(["normal", "collision", "fr_collision", "obstruction"].map(count)).toEqual([21, 17, 16, 34]);
  });
});
