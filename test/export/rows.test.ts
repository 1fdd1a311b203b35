/** `npm run export`: what pandas and pyarrow read back is what is in the database. */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TelemetryRow } from "@physical-ai/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startExport } from "../src/command-lines.ts";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "../src/database.ts";
import { hasPython, runDataPython } from "../src/python.ts";
import { findRecording, storeWallFollowing } from "../src/recordings.ts";

const readBack = fileURLToPath(new URL("read_back.py", import.meta.url));
const recording = findRecording("wall_following_24.csv");
const robot = "SCITOS_01";

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  folder = await mkdtemp(join(tmpdir(), "export-"));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function exported(name: string, ...args: string[]): Promise<{ file: string; stderr: string }> {
  const file = join(folder, name);
  const { code, stderr } = await startExport(database.url, ...args, "--out", file).ended;
  expect(code, stderr).toBe(0);
  return { file, stderr };
}

type Row = Record<string, unknown>;

async function rowsIn(file: string): Promise<Row[]> {
  await runDataPython(readBack, file, `${file}.rows`);
  return JSON.parse(await readFile(`${file}.rows`, "utf8"));
}

/** The rows of a robot as an export has them, straight from the database. */
async function storedRows(robotId: string): Promise<Row[]> {
  const micros = (column: string) =>
    `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') as ${column}`;
  const { rows } = await database.pool.query(
    `select id::int, robot_id, robot_type, data_type, ${micros("created_at")}, ${micros("received_at")}, stream_id, seq::int,
       payload from robot_telemetry where robot_id = $1 order by robot_telemetry.created_at, seq, id`,
    [robotId],
  );
  return rows.map(({ payload, ...row }) => ({ ...row, ...flat(payload.value, "value") }));
}

function flat(value: unknown, name: string): Row {
  if (typeof value !== "object" || value === null) return { [name]: value };
  return Object.assign({}, ...Object.entries(value).map(([key, item]) => flat(item, `${name}.${key}`)));
}

/** Rows that have no field have an empty column. */
function withAllColumns(rows: Row[]): Row[] {
  const empty = Object.fromEntries(rows.flatMap(Object.keys).map((name) => [name, null]));
  return rows.map((row) => ({ ...empty, ...row }));
}

async function store(robotId: string, ...values: unknown[]): Promise<void> {
  const now = Date.now();
  const rows = values.map(
    (value, index): TelemetryRow => ({
      robotId,
      robotType: "EP01",
      dataType: "mixed",
      valueJson: JSON.stringify(value),
      createdAt: now + index + 0.123,
      receivedAt: now + index + 1,
      streamId: undefined,
      seq: undefined,
    }),
  );
  await database.store.commitTelemetry([{ rows }]);
}

describe.skipIf(recording === undefined || !hasPython())("a real recording", () => {
  let expected: Row[];
  beforeAll(async () => {
    await storeWallFollowing(database, recording ?? "", robot);
    expected = await storedRows(robot);
  });

  it.each(["csv", "jsonl", "parquet"])("is the same value by value in %s", async (format) => {
    const { file, stderr } = await exported(`recording.${format}`, "--robot", robot, "--type", "ultrasound");
    expect(stderr).toContain("5,456 rows");
    const rows = await rowsIn(file);
    expect(rows.length).toBe(5_456);
    expect(rows).toEqual(expected);
  });
});

describe.skipIf(!hasPython())("values of every kind", () => {
  const values = [
    { text: 'a "quoted", line\nand another', flag: true, number: 0.1, deep: [{ er: 1 }, { er: 2 }] },
    { text: "ロボット \\ \t", flag: false, number: 1.7976931348623157e308, "key.with.dots": "x" },
    { text: "more", number: 5e-324, deep: [{ er: -1.5 }] },
    { number: 9_007_199_254_740_991, flag: null },
    { [`a "long" name, ${"x".repeat(80)}`]: 1, [`a "long" name, ${"x".repeat(80)}y`]: 2 },
  ];

  it.each(["csv", "parquet"])("come back from %s", async (format) => {
    const kind = `KINDS_${format}`;
    await store(kind, ...values);
    const { file } = await exported(`kinds.${format}`, "--robot", kind);
    const expected = withAllColumns(await storedRows(kind)).map(({ "value.key.with.dots": dotted = null, ...row }) => ({
      ...row,
      "value.key\\.with\\.dots": dotted,
    }));
    expect(await rowsIn(file)).toEqual(expected);
  });
});

it("says what does not fit its column, and leaves it empty", async () => {
  await store("MISFIT", { a: 1 }, { a: 2 }, { a: "three" });
  const { file, stderr } = await exported("misfit.csv", "--robot", "MISFIT");
  expect(stderr).toContain("value.a is empty in 1 row: expected double, got string");
  const [, ...lines] = (await readFile(file, "utf8")).trim().split("\n");
  expect(lines.map((line) => line.split(",").at(-1))).toEqual(["1", "2", ""]);
  expect(JSON.parse(await readFile(`${file}.report.json`, "utf8"))).toMatchObject({
    rows: 3,
    columns: { "value.a": "double" },
    misfits: [{ column: "value.a", expected: "double", found: "string", rows: 1, example_id: expect.any(String) }],
  });
});

it.each(["csv", "jsonl", "parquet"])("takes numbers and objects of one robot together, as %s", async (format) => {
  const robotId = `MIXED_${format}`;
  await store(robotId, 87, { level: 86 });
  const { file } = await exported(`mixed.${format}`, "--robot", robotId);
  if (format === "parquet") return;
  const [, last = ""] = (await readFile(file, "utf8")).trim().split("\n").slice(-2);
  if (format === "csv") expect(last.split(",").slice(-2)).toEqual(["", "86"]);
  else expect(JSON.parse(last)).toMatchObject({ value: null, "value.level": 86 });
});

it("takes the columns of a schema", async () => {
  await store("SCHEMA", { a: 1, b: [1, 2], c: 2.5 }, { a: 1.5, b: [] });
  const schema = join(folder, "schema.json");
  await writeFile(schema, '{"columns": {"value.a": "bigint", "value.b": "json"}}');
  const { file, stderr } = await exported("schema.csv", "--robot", "SCHEMA", "--schema", schema);
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  expect(lines.map((line) => line.split(",").slice(8).join(","))).toEqual(["value.a,value.b", '1,"[1, 2]"', ",[]"]);
  expect(stderr).toContain("value.a is empty in 1 row: expected bigint, got number");
  expect(stderr).toContain("without a column: value.c");
});

it("keeps the file that is there when nothing is chosen, and says which robots there are", async () => {
  await store("EP1_TYPO", 1);
  const { file } = await exported("typo.csv", "--robot", "EP1_TYPO");
  const before = await readFile(file, "utf8");
  const { code, stderr } = await startExport(database.url, "--robot", "EP1-TYPO", "--out", file).ended;
  expect([code, await readFile(file, "utf8")]).toEqual([1, before]);
  expect(stderr).toMatch(/^no rows of telemetry of robot EP1-TYPO; the robots that have some: .*EP1_TYPO/);
});

it("says nothing beside rows that go to standard output", async () => {
  await store("STDOUT", 1, 2);
  const { stdout, stderr } = await startExport(database.url, "--robot", "STDOUT", "--format", "csv", "--out", "-")
    .ended;
  expect([stdout.trim().split("\n").length, stderr]).toEqual([3, ""]);
});

it("refuses rows with more fields than a table has columns, and says which branch it is", async () => {
  await store("WIDE", { points: Array.from({ length: 1_200 }, (_, index) => index), a: 1 });
  const out = join(folder, "wide.csv");
  const { code, stderr } = await startExport(database.url, "--robot", "WIDE", "--out", out).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/more than 1000 fields, value\.points alone has 9\d\d.*"value\.points": "json"/);
  expect((await readdir(folder)).filter((name) => name.startsWith("wide"))).toEqual([]);
  const schema = join(folder, "wide.json");
  await writeFile(schema, '{"columns": {"value.points": "json"}}');
  const { file } = await exported("wide-schema.csv", "--robot", "WIDE", "--schema", schema);
  expect(await readFile(file, "utf8")).toContain(" 1198, 1199]");
});

it("joins predictions and commands to the packets that they were made from", async () => {
  const streamId = randomUUID();
  const createdAt = Date.now();
  const packet = (robotId: string, seq: number): TelemetryRow => ({
    robotId,
    robotType: "EP01",
    dataType: "imu",
    valueJson: `{"acc": ${seq}}`,
    createdAt: createdAt + seq,
    receivedAt: createdAt + seq,
    streamId,
    seq,
  });
  await database.store.openStream(streamId, "relay-inputs");
  await database.store.commitTelemetry([
    {
      rows: [packet("IN_1", 1), packet("IN_2", 2), packet("IN_1", 3), packet("IN_1", 4)],
      stream: { streamId, expectedSeq: 0, lastSeq: 4 },
    },
  ]);
  const prediction = {
    robotId: "IN_1",
    robotType: "EP01",
    policy: "p",
    modelVersion: "0123456789ab",
    resultJson: '{"label": "left", "scores": {"left": 0.75}}',
    inferMs: 1.25,
    totalMs: 2.5,
    createdAt: createdAt + 10,
  };
  await database.store.insertPredictions([
    { ...prediction, streamId, firstSeq: 1, lastSeq: 3 },
    { ...prediction, streamId: undefined, firstSeq: undefined, lastSeq: undefined, createdAt: createdAt + 20 },
  ]);
  const { file } = await exported("inputs.jsonl", "--table", "predictions", "--with-inputs", "--type", "p");
  const rows = (await readFile(file, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows.map((row) => [row["result.label"], row["input.seq"], row["input.value.acc"], row["infer_ms"]])).toEqual([
    ["left", 1, 1, 1.25],
    ["left", 3, 3, 1.25],
    ["left", null, null, 1.25],
  ]);
  await database.store.saveCommands([
    {
      commandId: randomUUID(),
      robotId: "IN_1",
      robotType: "EP01",
      command: "drive",
      params: { speed: 0.5 },
      sender: "policy:p",
      status: "acknowledged",
      result: { ok: true },
      streamId,
      seq: 4,
      createdAt,
      updatedAt: createdAt + 1,
    },
  ]);
  const commands = await exported("commands.csv", "--table", "commands", "--with-inputs");
  const [header, line] = (await readFile(commands.file, "utf8")).trim().split("\n");
  expect(header?.split(",").slice(-3)).toEqual(["params.speed", "result.ok", "input.value.acc"]);
  expect(line?.split(",").slice(-3)).toEqual(["0.5", "true", "4"]);
});

it("says that a database is another one", async () => {
  const empty = await createEmptyDatabase(inject("postgresUrl"));
  const { code, stderr } = await startExport(empty.url, "--out", join(folder, "another.csv")).ended;
  expect(code).toBe(1);
  expect(stderr).toContain("this database has no tables of the hub");
  await empty.drop();
});

it("the views are there for psql and pandas", async () => {
  await store("VIEW", 87, { a: 1 });
  const { rows } = await database.pool.query(
    "select robot, robot_type, type, value, number from training.telemetry where robot = 'VIEW' order by time",
  );
  expect(rows).toEqual([
    { robot: "VIEW", robot_type: "EP01", type: "mixed", value: 87, number: 87 },
    { robot: "VIEW", robot_type: "EP01", type: "mixed", value: { a: 1 }, number: null },
  ]);
  const { rows: predictions } = await database.pool.query(
    "select policy, label, input from training.predictions where policy = 'p' order by time",
  );
  expect(predictions).toEqual([
    { policy: "p", label: "left", input: { acc: 3 } },
    { policy: "p", label: "left", input: null },
  ]);
});
