/** The data folder's own PostgreSQL, when the process that looks after it is killed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedSettings, embeddedUrl, startEmbeddedServer } from "@physical-ai/db";
import { type Death, programOf, SupervisedProcess } from "@physical-ai/launcher";
import pg from "pg";
import { expect, test } from "vitest";
import { eventually } from "../src/eventually.ts";

test("its successor takes over; a second keeper at the same time is refused", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "hub-keeper-"));
  const settings = await embeddedSettings(dataDir);
  const deaths: Death[] = [];
  const keeper = new SupervisedProcess(
    {
      name: "postgres",
      program: programOf("db"),
      args: ["serve"],
      environment: { ...process.env, DATA_DIR: dataDir },
      logFile: join(dataDir, "postgres.log"),
    },
    (death) => deaths.push(death),
  );
  try {
    const before = await eventually(() => startTimeOf(embeddedUrl(settings)));
    await expect(startEmbeddedServer(settings, () => undefined)).rejects.toThrow(/another PostgreSQL/);

    process.kill(keeper.pid ?? 0, "SIGKILL");
    const after = await eventually(async () => {
      const time = await startTimeOf(embeddedUrl(settings));
      expect(time).not.toBe(before);
      return time;
    });
    expect(after).toBeDefined();
    expect(deaths).toMatchObject([{ signal: "SIGKILL" }]);
  } finally {
    await keeper.stop();
  }
  await expect(startTimeOf(embeddedUrl(settings))).rejects.toThrow(/ECONNREFUSED/);
  await rm(dataDir, { recursive: true });
});

async function startTimeOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ time: string }>("select pg_postmaster_start_time()::text as time");
    return rows[0]?.time ?? "";
  } finally {
    await client.end();
  }
}
