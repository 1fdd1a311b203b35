import { randomUUID } from "node:crypto";
import type { CommandRow, PredictionRow } from "@physical-ai/db";
import { CommandStatus } from "@physical-ai/unity-protocol";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
});
afterAll(() => database.drop());

describe("insertPredictions", () => {
  const findByPolicy = async (policy: string) =>
    (await database.pool.query("select * from ai_predictions where policy = $1 order by id", [policy])).rows;

  it("keeps every column as it came", async () => {
    const row = predictionOf({ policy: "wall-following", createdAt: Date.now() });
    await database.store.insertPredictions([row]);
    expect(await findByPolicy("wall-following")).toEqual([
      {
        id: expect.any(String),
        robot_id: row.robotId,
        robot_type: row.robotType,
        policy: row.policy,
        model_version: row.modelVersion,
        result_payload: { label: 'left \\ "right"', confidence: 0.8 },
        stream_id: row.streamId,
        first_seq: "31",
        last_seq: "45",
        infer_ms: 1.25,
        total_ms: 2.5,
        created_at: new Date(row.createdAt),
      },
    ]);
  });

  it("keeps predictions whose inputs have no stream, and those of days long gone", async () => {
    const createdAt = Date.now() - 9 * 86_400_000;
    const loose = { streamId: undefined, firstSeq: undefined, lastSeq: undefined };
    await database.store.insertPredictions([predictionOf({ policy: "loose", createdAt, ...loose })]);
    expect(await findByPolicy("loose")).toMatchObject([
      { stream_id: null, first_seq: null, last_seq: null, created_at: new Date(createdAt) },
    ]);
  });

  it("an absurd duration does not have its neighbours refused", async () => {
    await database.store.insertPredictions([
      predictionOf({ policy: "absurd", inferMs: 1e300, totalMs: 1e-300 }),
      predictionOf({ policy: "absurd" }),
    ]);
    expect(await findByPolicy("absurd")).toMatchObject([
      { infer_ms: Number.POSITIVE_INFINITY, total_ms: 0 },
      { infer_ms: 1.25, total_ms: 2.5 },
    ]);
  });

  it("takes none at all", async () => {
    await database.store.insertPredictions([]);
  });
});

describe("saveCommands", () => {
  const find = async (commandId: string) =>
    (await database.pool.query("select * from robot_commands where command_id = $1", [commandId])).rows;

  it("keeps every column as it came", async () => {
    const command = commandOf();
    await database.store.saveCommands([command]);
    expect(await find(command.commandId)).toEqual([
      {
        id: expect.any(String),
        command_id: command.commandId,
        robot_id: command.robotId,
        robot_type: command.robotType,
        command: "drive",
        params: { linear: 0.3, note: "a \\ b" },
        sender: "policy:wall-following",
        status: "sent",
        result_payload: null,
        stream_id: command.streamId,
        seq: "45",
        created_at: new Date(command.createdAt),
        updated_at: new Date(command.updatedAt),
      },
    ]);
  });

  it("changes status, result and time of a command that it knows, and nothing else", async () => {
    const sent = commandOf();
    await database.store.saveCommands([sent]);
    const updatedAt = sent.createdAt + 40;
    await database.store.saveCommands([
      { ...sent, command: "other", sender: "other", status: "acknowledged", result: { speed: 0.3 }, updatedAt },
    ]);
    expect(await find(sent.commandId)).toMatchObject([
      {
        command: "drive",
        sender: "policy:wall-following",
        status: "acknowledged",
        result_payload: { speed: 0.3 },
        created_at: new Date(sent.createdAt),
        updated_at: new Date(updatedAt),
      },
    ]);
  });

  it("keeps the last of several statuses that come at once", async () => {
    const [one, two] = [commandOf(), commandOf()];
    await database.store.saveCommands([
      one,
      two,
      { ...one, status: "failed", result: "stuck" },
      { ...two, status: "expired", result: null },
    ]);
    expect(await find(one.commandId)).toMatchObject([{ status: "failed", result_payload: "stuck" }]);
    expect(await find(two.commandId)).toMatchObject([{ status: "expired", result_payload: null }]);
  });

  it("lets no other status follow one that is final, whichever hub says so", async () => {
    const command = commandOf();
    await database.store.saveCommands([{ ...command, status: "acknowledged", result: 1 }]);
    await database.store.saveCommands([{ ...command, status: "expired", result: "late" }]);
    await database.store.saveCommands([command]);
    expect(await find(command.commandId)).toMatchObject([{ status: "acknowledged", result_payload: 1 }]);
  });

  it("lets every status in that the contract knows", async () => {
    const commands = CommandStatus.enum.map((status) => ({ ...commandOf(), status }));
    await database.store.saveCommands(commands);
    const found = await Promise.all(commands.map(async ({ commandId }) => (await find(commandId))[0]?.status));
    expect(found).toEqual(CommandStatus.enum);
  });

  it("lets no status in that the contract does not know", async () => {
    const command = Object.assign(commandOf(), { status: "done" });
    await expect(database.store.saveCommands([command])).rejects.toThrow();
    expect(await find(command.commandId)).toEqual([]);
  });
});

describe("openStream", () => {
  it("finds again what it began", async () => {
    const streamId = randomUUID();
    expect(await database.store.openStream(streamId, "relay-1")).toBe(0);
    await database.store.commitTelemetry([{ rows: [], stream: { streamId, expectedSeq: 0, lastSeq: 7 } }]);
    expect(await database.store.openStream(streamId, "relay-1")).toBe(7);
  });

  it("gives no relay the stream of another", async () => {
    const streamId = randomUUID();
    await database.store.openStream(streamId, "relay-1");
    expect(await database.store.openStream(streamId, "relay-2")).toBeUndefined();
    const { rows } = await database.pool.query("select relay_id from relay_streams where stream_id = $1", [streamId]);
    expect(rows).toEqual([{ relay_id: "relay-1" }]);
  });
});

function predictionOf(details: Partial<PredictionRow>): PredictionRow {
  return {
    robotId: "SCITOS_01",
    robotType: "SCITOS",
    policy: "collision-risk",
    modelVersion: "3f1c9a7be204",
    resultJson: JSON.stringify({ label: 'left \\ "right"', confidence: 0.8 }),
    streamId: randomUUID(),
    firstSeq: 31,
    lastSeq: 45,
    inferMs: 1.25,
    totalMs: 2.5,
    createdAt: Date.now(),
    ...details,
  };
}

function commandOf(): CommandRow {
  const now = Date.now();
  return {
    commandId: randomUUID(),
    robotId: "EP01_CHASSIS_01",
    robotType: "EP01",
    command: "drive",
    params: { linear: 0.3, note: "a \\ b" },
    sender: "policy:wall-following",
    status: "sent",
    result: undefined,
    streamId: randomUUID(),
    seq: 45,
    createdAt: now,
    updatedAt: now,
  };
}
