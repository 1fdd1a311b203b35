/** The disk log in a process of its own that is killed at random moments, or whose disk takes no more. */
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Packet } from "@physical-ai/unity-protocol";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDiskLog } from "./disk-log.ts";

const logger = pino({ level: "silent" });
const child = fileURLToPath(new URL("disk-log.child.mjs", import.meta.url));
const rounds = 8;

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "crash-")), "log");
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

/** What children said: which value was acknowledged under which number, and up to where they may have trimmed. */
class Said {
  readonly values = new Map<number, number>();
  trimmedTo = 0;

  add(output: string): void {
    const lines = output.slice(0, output.lastIndexOf("\n")).split("\n");
    for (const line of lines) {
      const [first, second] = line.split(" ");
      if (first === "trim") this.trimmedTo = Number(second);
      else if (first !== "") this.#acknowledged(Number(first), Number(second));
    }
  }

  #acknowledged(seq: number, value: number): void {
    expect(this.values.get(seq) ?? value, `number ${seq} was given twice`).toBe(value);
    this.values.set(seq, value);
  }
}

/** Reads the whole log; fails when a number is missing, or a packet is not as it was. */
async function contents(): Promise<Map<number, number>> {
  const log = await openDiskLog({ logger }, { folder });
  const values = new Map<number, number>();
  try {
    for (let seq = log.firstSeq; seq <= log.lastSeq; ) {
      const run = await log.read(seq, { maxPackets: 500, maxBytes: 1_000_000 });
      expect(run.firstSeq).toBe(seq);
      for (const packet of run.packets) {
        values.set(seq, numberIn(packet));
        seq += 1;
      }
    }
  } finally {
    await log.close();
  }
  return values;
}

function numberIn({ val }: Packet): number {
  const { n, text, bytes } = val as { n: number; text: string; bytes: Uint8Array };
  expect([text.length, [...bytes]]).toEqual([n % 700, Array.from({ length: n % 50 }, () => n % 256)]);
  return n;
}

/** Every acknowledged packet is there under its number, and nothing is there twice or out of order. */
async function check(said: Said): Promise<void> {
  const kept = await contents();
  const values = [...kept.values()];
  expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
  for (const [seq, value] of said.values) {
    if (seq > said.trimmedTo) expect(kept.get(seq), `packet ${seq}`).toBe(value);
    else if (kept.has(seq)) expect(kept.get(seq)).toBe(value);
  }
}

/** Lets a process go on until it has said so much, and a moment longer; ends it by force, and answers what it said. */
async function run(process: ChildProcess, { bytes, thenMs }: { bytes: number; thenMs: number }): Promise<string> {
  let output = "";
  const spoke = new Promise<void>((resolve) => {
    process.stdout?.on("data", (words) => {
      output += words;
      if (output.length >= bytes) resolve();
    });
  });
  const ended = once(process, "close");
  await Promise.race([ended, spoke.then(() => sleep(thenMs))]);
  process.kill("SIGKILL");
  await ended;
  return output;
}

describe("kill -9", () => {
  it("at any moment takes back nothing that was acknowledged", async () => {
    const said = new Said();
    for (let round = 1; round <= rounds; round += 1) {
      const process = spawn("node", [child, folder, String(round * 10_000_000)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      // A packet takes it fewer than 20 bytes to acknowledge: 400 come at least, whatever the machine's speed.
      said.add(await run(process, { bytes: 8_000 + Math.random() * 100_000, thenMs: Math.random() * 20 }));
      await check(said);
    }
    expect(said.values.size).toBeGreaterThan(1_000);
  });
});

describe("a log that another process has open", () => {
  let other: ChildProcess;
  beforeEach(async () => {
    other = spawn("node", [child, folder, "1"], { stdio: ["ignore", "pipe", "inherit"] });
    if (other.stdout !== null) await once(other.stdout.resume(), "data");
  });
  afterEach(async () => {
    if (other.exitCode !== null || other.signalCode !== null) return;
    other.kill("SIGKILL");
    await once(other, "exit");
  });

  it("is waited for, which is said, while that process comes to its end", async () => {
    const said: string[] = [];
    const speaking = new EventEmitter();
    const write = (line: string) => {
      said.push(line);
      speaking.emit("spoke");
    };
    const spoke = once(speaking, "spoke");
    const opening = openDiskLog({ logger: pino({}, { write }) }, { folder, patienceMs: 60_000 });
    await spoke;
    expect(said.join()).toContain("another relay process still has this log open; waiting");
    other.kill("SIGKILL");
    const log = await opening;
    expect(log.lastSeq).toBeGreaterThan(0);
    expect(said).toHaveLength(1);
    await log.close();
  });

  it("is refused when that process goes on", async () => {
    const opening = openDiskLog({ logger }, { folder, patienceMs: 300 });
    await expect(opening).rejects.toThrow(/in use by another relay process: stop that one/);
    expect(other.exitCode).toBeNull();
  });
});

describe.skipIf(process.platform === "win32")("a disk that takes no more", () => {
  it("costs nothing that was acknowledged, and the log goes on when there is room again", async () => {
    const said = new Said();
    // No file may grow beyond 1 MB; a log that is opened anew begins new files.
    const command = `ulimit -f 2000; exec node ${child} ${folder} 1 30000`;
    const process = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
    const complaints = text(process.stderr);
    said.add(await run(process, { bytes: Number.POSITIVE_INFINITY, thenMs: 0 }));
    expect(await complaints).toContain("the disk does not take the relay's log; trying again");
    expect(said.values.size).toBeGreaterThanOrEqual(30_000);
    await check(said);
  });
});
