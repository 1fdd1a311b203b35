import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Packet } from "@physical-ai/unity-protocol";
import fc from "fast-check";
import { pino } from "pino";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { keptTypes } from "./disk/quota.ts";
import { type DiskLogOptions, openDiskLog } from "./disk-log.ts";
import { gapOf } from "./gap.ts";
import { packetLogSuite } from "./packet-log.suite.ts";
import type { PacketLog } from "./packet-log.ts";

const logger = pino({ level: "silent" });
const everything = { maxPackets: 10_000, maxBytes: 100_000_000 };
const parent = await mkdtemp(join(tmpdir(), "disk-log-"));
let folders = 0;
function newFolder(): string {
  folders += 1;
  return join(parent, String(folders));
}
afterAll(() => rm(parent, { recursive: true }));

packetLogSuite("disk log", (options) => openDiskLog({ logger }, { folder: newFolder(), ...options }));

function packet(val: unknown, type = "battery"): Packet {
  return { robot_id: "EP01", robot_type: "EP01", type, val };
}
const packets = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => packet(first + index));

let folder: string;
let log: PacketLog;
async function open(options: Omit<DiskLogOptions, "folder"> = {}): Promise<PacketLog> {
  log = await openDiskLog({ logger }, { folder, ...options });
  return log;
}
async function reopen(options: Omit<DiskLogOptions, "folder"> = {}): Promise<PacketLog> {
  await log.close();
  return open(options);
}
const readAll = async () => (await log.read(1, everything)).packets;

beforeEach(() => {
  folder = newFolder();
});
afterEach(() => log?.close());

describe("opened again", () => {
  it("is the same stream with the same packets, and goes on numbering", async () => {
    const { streamId } = await open();
    await log.append(packets(1, 1_000));
    await log.trim(300);
    await reopen();
    expect([log.streamId, log.firstSeq, log.lastSeq]).toEqual([streamId, 301, 1_000]);
    expect(await readAll()).toEqual(packets(301, 1_000));
    await log.trim(1_000);
    await reopen();
    expect([log.firstSeq, log.lastSeq]).toEqual([1_001, 1_000]);
    expect(await log.append([packet("next")])).toBe(1_001);
  });

  it.each([["interval:20"], ["never"]])("has everything under the policy %s too", async (policy) => {
    const fsync = policy === "never" ? ({ kind: "never" } as const) : ({ kind: "interval", ms: 20 } as const);
    await open({ fsync });
    await log.append(packets(1, 10));
    await reopen({ fsync });
    expect(await readAll()).toEqual(packets(1, 10));
  });

  it("keeps what replaced a packet", async () => {
    await open();
    await log.append(packets(1, 3));
    await log.replace(2, packet("instead"));
    await reopen();
    expect((await readAll()).map(({ val }) => val)).toEqual([1, "instead", 3]);
  });
});

describe("what a packet holds", () => {
  it("comes back as it was: binary", async () => {
    const frame = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    await open();
    await log.append([packet({ data: frame, encoding: "jpeg", parts: [Buffer.from("ab"), new Uint8Array(0)] })]);
    await reopen();
    const [kept] = await readAll();
    const val = kept?.val as { data: Uint8Array; parts: Uint8Array[] };
    expect(Buffer.compare(val.data, frame)).toBe(0);
    expect(val.parts.map((part) => Buffer.from(part).toString())).toEqual(["ab", ""]);
  });

  it("comes back as it was: any JSON value and every number", async () => {
    await open();
    const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__"));
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
    const val = fc.oneof(json, number).map((value) => JSON.parse(JSON.stringify(value)));
    await fc.assert(
      fc.asyncProperty(fc.array(val, { minLength: 1 }), async (values) => {
        const last = await log.append(values.map((value) => packet(value)));
        const { packets: kept } = await log.read(last - values.length + 1, everything);
        expect(kept.map((each) => each.val)).toEqual(values);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe("a full quota", () => {
  const maxBytes = 20_000;
  const events = (first: number, last: number) =>
    packets(first, last).map((each) => (Number(each.val) % 50 === 0 ? { ...each, type: "impact" } : each));

  it("drops telemetry, keeps events, and says exactly what went", async () => {
    await open({ maxBytes });
    for (let first = 1; first <= 2_000; first += 10) await log.append(events(first, first + 9));
    await reopen({ maxBytes });
    const rows = await walk(log, 0);
    expect(rows.filter(({ type }) => type === "impact").map(({ val }) => val)).toEqual(
      Array.from({ length: 40 }, (_, index) => (index + 1) * 50),
    );
    const missing = rows.reduce((sum, row) => sum + (gapOf(row)?.count ?? 0), 0);
    expect(rows.filter(({ type }) => type === "battery").length + missing + 40).toBe(2_000);
    expect(missing).toBeGreaterThan(1_000);
  });

  it("keeps events even where they alone are more than the quota", async () => {
    await open({ maxBytes, isKept: keptTypes(["bump"]) });
    for (let index = 0; index < 20; index += 1) await log.append([packet("x".repeat(5_000), "bump"), packet(index)]);
    expect((await walk(log, 0)).filter(({ type }) => type === "bump")).toHaveLength(20);
    expect(log.dropped).toBeGreaterThan(10);
  });
});

/** All that a log stands for after `committed`, in order; fails when a number is missing or there twice. */
async function walk(from: PacketLog, committed: number, limit = everything): Promise<Packet[]> {
  const rows: Packet[] = [];
  let expected = committed + 1;
  while (expected <= from.lastSeq) {
    const run = await from.read(expected, limit);
    const [first] = run.packets;
    expect((first && gapOf(first)?.first_seq) ?? run.firstSeq).toBe(expected);
    for (const [index, row] of run.packets.entries()) {
      const gap = gapOf(row);
      if (gap !== undefined) expect(gap.last_seq).toBe(run.firstSeq + index);
      rows.push(row);
    }
    expected = run.firstSeq + run.packets.length;
  }
  return rows;
}

describe("after a power-off that took the newest packets", () => {
  it("gives the hub none of them twice, and none of the new ones under a number that it has", async () => {
    await open({ fsync: { kind: "never" } });
    await log.resume(0);
    await log.append(packets(1, 90));
    await log.close();
    await cp(folder, `${folder}-older`, { recursive: true });
    await open({ fsync: { kind: "never" } });
    await log.resume(85);
    await log.append(packets(91, 100));
    await log.close();

    folder = `${folder}-older`;
    await open();
    expect(log.lastSeq).toBe(90);
    await log.append(packets(101, 120));
    await reopen();
    expect(await log.resume(100)).toBe("hub_ahead");
    expect([log.firstSeq, log.lastSeq]).toEqual([101, 120]);
    expect(await readAll()).toEqual(packets(101, 120));
    await reopen();
    expect(await log.resume(110)).toBe("continues");
    expect(await readAll()).toEqual(packets(111, 120));
  });
});

describe("refuses", () => {
  it("a folder that is in use", async () => {
    await open();
    const another = openDiskLog({ logger }, { folder, patienceMs: 0 });
    await expect(another).rejects.toThrow(/in use by another relay process: stop that one/);
  });

  it("a folder of something else", async () => {
    await writeFile(join(parent, "notes.txt"), "not a log");
    await expect(openDiskLog({ logger }, { folder: parent })).rejects.toThrow(/is not a relay's log\. Name another/);
    await expect(openDiskLog({ logger }, { folder: join(parent, "notes.txt") })).rejects.toThrow(
      /cannot be a relay's log/,
    );
  });

  it.each(["CURRENT", "MANIFEST"])("a log whose %s is damaged", async (name) => {
    await open();
    await log.append(packets(1, 10));
    await log.close();
    const file = (await readdir(folder)).find((each) => each.startsWith(name)) ?? "";
    await writeFile(join(folder, file), "nonsense");
    await expect(open()).rejects.toThrow(/is damaged.*Move the folder away and start again/);
  });

  it("packets after it was closed", async () => {
    await open();
    await log.close();
    await expect(log.append(packets(1, 1))).rejects.toThrow(/closed/);
  });
});

describe("damage", () => {
  const fileOf = async (extension: string) => {
    const files = (await readdir(folder)).filter((name) => name.endsWith(extension)).sort();
    return join(folder, files.at(-1) ?? "");
  };

  it("at the end of the newest file costs only what was written last", async () => {
    await open();
    for (let first = 1; first <= 1_000; first += 10) await log.append(packets(first, first + 9));
    await log.close();
    const file = await fileOf(".log");
    await truncate(file, Math.floor((await readFile(file)).length / 2));
    await open();
    expect(log.lastSeq).toBeGreaterThan(300);
    expect(await readAll()).toEqual(packets(1, log.lastSeq));
  });

  it("in the middle is said by a gap, and everything else is there", async () => {
    await open();
    const noise = (each: Packet) => ({
      ...each,
      noise: Buffer.from(String(Math.sin(Number(each.val)))).toString("hex"),
    });
    for (let first = 1; first <= 20_000; first += 100) await log.append(packets(first, first + 99).map(noise));
    await reopen();
    await log.close();
    const file = await fileOf(".ldb");
    const bytes = await readFile(file);
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0x5a, middle, middle + 10);
    await writeFile(file, bytes);
    await open();
    const rows = await walk(log, 0);
    const gaps = rows.flatMap((row) => gapOf(row) ?? []);
    expect(gaps).toMatchObject([{ reason: "the relay's disk lost these" }]);
    expect(rows.length + (gaps[0]?.count ?? 0) - 1).toBe(20_000);
    for (const row of rows) if (row.type === "battery") expect(row).toEqual(noise(packet(row.val)));
  });
});

/** What a log must stand for, as simply as it can be said. Numbers without a value were said to be missing. */
class Model {
  values = new Map<number, Packet>();
  trimmedTo = 0;
  last = 0;
  unsentAfter: number | undefined = 0;

  append(given: readonly Packet[]): void {
    for (const each of given) this.values.set(++this.last, each);
  }

  trim(upTo: number): void {
    this.trimmedTo = Math.max(this.trimmedTo, Math.min(upTo, this.last));
    for (const seq of this.values.keys()) if (seq <= this.trimmedTo) this.values.delete(seq);
  }

  replace(seq: number, given: Packet): void {
    if (this.values.has(seq)) this.values.set(seq, given);
  }

  resume(committed: number): void {
    if (committed > Math.max(this.unsentAfter ?? this.last, this.trimmedTo)) {
      this.trim(this.unsentAfter ?? 0);
      const shift = committed - this.trimmedTo;
      this.values = new Map([...this.values].map(([seq, value]) => [seq + shift, value]));
      this.last += shift;
      this.trimmedTo = committed;
    } else if (committed < this.trimmedTo) this.trimmedTo = committed;
    else this.trim(committed);
    this.unsentAfter = undefined;
  }

  reopen(): void {
    this.unsentAfter ??= this.last;
  }
}

describe("whatever is done to it", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 0, max: 60 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("trim" as const), share: fc.double({ min: 0, max: 1.1, noNaN: true }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("replace" as const),
        share: fc.double({ min: 0, max: 1.1, noNaN: true }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("resume" as const), share: fc.double({ min: 0, max: 1.3, noNaN: true }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
  );

  it.each([
    ["without a quota", 1_000_000],
    ["with a small quota", 4_000],
  ])("stands for what the model does: %s", async (_, maxBytes) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 1, max: 100 }),
        async (steps, maxPackets) => {
          folder = newFolder();
          await open({ maxBytes });
          const model = new Model();
          let value = 0;
          const seqAt = (share: number) =>
            Math.floor(model.trimmedTo * 0.8 + share * (model.last - model.trimmedTo * 0.8));
          for (const each of steps) {
            if (each.do === "append") {
              const given = Array.from({ length: each.count }, () =>
                packet(++value, value % 7 === 0 ? "impact" : "battery"),
              );
              model.append(given);
              expect(await log.append(given)).toBe(model.last);
            } else if (each.do === "trim") {
              const upTo = seqAt(each.share);
              model.trim(upTo);
              await log.trim(upTo);
            } else if (each.do === "replace") {
              const seq = seqAt(each.share);
              const instead = packet(++value, "impact");
              const { firstSeq, packets: here } = await log.read(seq, { maxPackets: 1, maxBytes: 0 });
              if (firstSeq === seq && here[0] !== undefined && gapOf(here[0]) !== undefined) continue;
              if (firstSeq === seq) model.replace(seq, instead);
              await log.replace(seq, instead);
            } else if (each.do === "resume") {
              const committed = seqAt(each.share);
              await log.resume(committed);
              model.resume(committed);
            } else {
              await reopen({ maxBytes });
              model.reopen();
            }
            expect(log.lastSeq).toBe(model.last);
          }
          const kept = new Map<number, Packet>();
          let seq = model.trimmedTo;
          for (const row of await walk(log, model.trimmedTo, { ...everything, maxPackets })) {
            const gap = gapOf(row);
            seq = gap?.last_seq ?? seq + 1;
            if (gap === undefined) kept.set(seq, row);
          }
          const mustBeThere = [...model.values].filter(([, { type }]) => maxBytes > 4_000 || type === "impact");
          for (const [at, row] of kept) expect(row).toEqual(model.values.get(at));
          for (const [at, row] of mustBeThere) expect(kept.get(at)).toEqual(row);
          await log.close();
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });
});
