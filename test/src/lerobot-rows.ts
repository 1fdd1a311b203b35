/** The wall-following recording as a robot's rows of all three tables, with what a dataset needs besides. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { CommandRow, PredictionRow, TelemetryRow } from "@physical-ai/db";
import type { TestDatabase } from "./database.ts";

export const robotId = "SCITOS_01";
export const robotType = "SCITOS";

const beginMs = Date.UTC(2026, 0, 5, 9);
const samplesPerRound = 1_364;
/** About 20 s longer than the robot took: what lies between two rounds is silence. */
const roundMs = 171_600;
const speeds: Readonly<Record<string, { linear: number; angular: number }>> = {
  "Move-Forward": { linear: 0.3, angular: 0 },
  "Slight-Right-Turn": { linear: 0.2, angular: -0.3 },
  "Sharp-Right-Turn": { linear: 0.05, angular: -0.8 },
  "Slight-Left-Turn": { linear: 0.2, angular: 0.3 },
};

/** When the robot measured, in epoch milliseconds: about 9 times a second, never quite even. */
export function sampleMs(sample: number): number {
  const [round, inRound] = [Math.floor(sample / samplesPerRound), sample % samplesPerRound];
  return beginMs + round * roundMs + Math.round((inRound * 1_000) / 9) + ((sample * 7_919) % 13);
}

/** The first and the last sample of a round, of which there are four. */
export function samplesOf(round: number): { first: number; last: number } {
  return { first: round * samplesPerRound, last: (round + 1) * samplesPerRound - 1 };
}

/** When a round's `fetch` command was given. */
export function fetchMs(round: number): number {
  return sampleMs(samplesOf(round).first) - 500;
}

/** Stores the recording: ranges, a battery, what a policy said, and the commands; those refused move nothing. */
export async function storeRecording({ store }: TestDatabase, recording: string): Promise<void> {
  const lines = (await readFile(recording, "utf8")).trim().split("\n").slice(1);
  const samples = lines.map((line, sample) => {
    const cells = line.trim().split(",");
    return { sample, atMs: sampleMs(sample), ranges: cells.slice(0, 24).map(Number), label: cells[24] ?? "" };
  });
  const turns = samples.filter(({ label }, index) => samples[index - 1]?.label !== label || index % 100 === 0);
  await store.commitTelemetry([
    { rows: samples.map(({ atMs, ranges, label }) => telemetry("ultrasound", { ranges, label }, atMs)) },
    {
      rows: samples
        .filter(({ sample }) => sample % 9 === 4)
        .map(({ sample, atMs }) => telemetry("battery", batteryOf(sample), atMs - 37)),
    },
    { rows: [telemetry("ultrasound", { ranges: ["far"] }, sampleMs(0) + 50, "SCITOS_02")] },
  ]);
  await store.insertPredictions(samples.map(({ sample, atMs }) => prediction([sample % 7, -sample / 3], atMs + 3)));
  await store.saveCommands([
    ...turns.map(({ atMs, label }) => command("drive", speeds[label], atMs + 12, "acknowledged")),
    ...turns.map(({ atMs }) => command("drive", { linear: 9, angular: 9 }, atMs + 20, "rejected")),
    ...[0, 1, 2, 3].map((round) => command("fetch", { what: "cup" }, fetchMs(round), "sent")),
  ]);
}

/** A packet in the store. `createdAt` in epoch milliseconds. */
export function telemetry(dataType: string, value: unknown, createdAt: number, robot = robotId): TelemetryRow {
  const valueJson = JSON.stringify(value);
  const nowhere = { streamId: undefined, seq: undefined };
  return { robotId: robot, robotType, dataType, valueJson, createdAt, receivedAt: createdAt + 1, ...nowhere };
}

function batteryOf(sample: number) {
  return { level: 90 - sample / 1_000, charging: sample > 4_000 };
}

function prediction(action: readonly number[], createdAt: number): PredictionRow {
  const resultJson = JSON.stringify({ policy: "wall-following", kind: "action", action });
  const loose = { streamId: undefined, firstSeq: undefined, lastSeq: undefined };
  const model = { policy: "wall-following", modelVersion: "0123456789ab", inferMs: 1, totalMs: 2 };
  return { robotId, robotType, ...model, resultJson, ...loose, createdAt };
}

function command(name: string, params: unknown, createdAt: number, status: CommandRow["status"]): CommandRow {
  return {
    commandId: randomUUID(),
    robotId,
    robotType,
    command: name,
    params,
    sender: "test",
    status,
    result: undefined,
    streamId: undefined,
    seq: undefined,
    createdAt,
    updatedAt: createdAt + 5,
  };
}
