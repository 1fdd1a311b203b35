/** The real robot recordings beside the project, as files and as rows of the store. */

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TelemetryRow } from "@physical-ai/db";
import type { TestDatabase } from "./database.ts";

const folder = new URL("../../../shared/data/", import.meta.url);

/** A recording's path; `undefined` on machines that do not have it. */
export function findRecording(name: string): string | undefined {
  const path = fileURLToPath(new URL(name, folder));
  if (existsSync(path)) return path;
  console.warn(`skipped: ${path} is not on this machine (the UCI recordings lie beside the project)`);
  return undefined;
}

const periodMs = 1_000 / 9;

/** Stores a CSV of 24 ultrasound ranges and what the robot did, a packet a line; returns the rows as they went in. */
export async function storeWallFollowing(
  database: TestDatabase,
  file: string,
  robotId: string,
): Promise<TelemetryRow[]> {
  const streamId = randomUUID();
  await database.store.openStream(streamId, "recording");
  const [, ...lines] = (await readFile(file, "utf8")).trim().split("\n");
  const begin = Date.now() - lines.length * periodMs;
  const rows = lines.map((line, index): TelemetryRow => {
    const fields = line.trim().split(",");
    const value = { ranges: fields.slice(0, 24).map(Number), label: fields[24] };
    const createdAt = begin + index * periodMs;
    return {
      robotId,
      robotType: "SCITOS",
      dataType: "ultrasound",
      valueJson: JSON.stringify(value),
      createdAt,
      receivedAt: createdAt + 2,
      streamId,
      seq: index + 1,
    };
  });
  await database.store.commitTelemetry([{ rows, stream: { streamId, expectedSeq: 0, lastSeq: rows.length } }]);
  return rows;
}
