/** Exports that are killed or stopped, lose their database, or fill the disk leave nothing that looks whole. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type ExportProcess, startExport } from "../src/command-lines.ts";
import { createTestDatabase, interruptDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { canMount, onSmallDisk } from "../src/small-disk.ts";

const manyRows = 300_000;

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase(inject("postgresUrl"));
  await database.pool.query(
    `insert into robot_telemetry (robot_id, robot_type, data_type, payload, created_at, received_at)
     select 'EP01', 'EP01', 'imu', jsonb_build_object('value', jsonb_build_array(n, n * 0.5, repeat('x', 100))), now(), now()
     from generate_series(1, ${manyRows}) n`,
  );
});
afterAll(() => database.drop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "export-whole-"));
  return () => rm(folder, { recursive: true });
});

/** Resolves when bytes are on their way. */
async function begun(out: string, process: ExportProcess): Promise<void> {
  await eventually(async () => {
    expect((await stat(`${out}.${process.process.pid}.unfinished`)).size).toBeGreaterThan(0);
  }, 60_000);
}

describe.each(["csv", "parquet"])("an export to %s", (format) => {
  it("that is killed leaves no file of that name; one that is stopped leaves nothing of either", async () => {
    const out = join(folder, `rows.${format}`);
    const killed = startExport(database.url, "--out", out);
    await begun(out, killed);
    killed.process.kill("SIGKILL");
    await killed.ended;
    expect(await readdir(folder)).toEqual([`rows.${format}.${killed.process.pid}.unfinished`]);
    const stopped = startExport(database.url, "--out", out);
    await begun(out, stopped);
    stopped.process.kill("SIGINT");
    expect((await stopped.ended).code).toBe(130);
    expect(await readdir(folder)).toEqual([]);
  });

  it("that is interrupted leaves nothing", async () => {
    const out = join(folder, `interrupted.${format}`);
    const running = startExport(database.url, "--out", out);
    await begun(out, running);
    running.process.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    expect(await readdir(folder)).toEqual([]);
  });

  it("that loses its database says so and leaves nothing", async () => {
    const out = join(folder, `cut.${format}`);
    const running = startExport(database.url, "--out", out);
    await begun(out, running);
    const restore = await interruptDatabase(inject("postgresUrl"), database.url);
    const { code, stderr } = await running.ended;
    await restore();
    expect(stderr).toContain("the database went away in the middle");
    expect(code).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe.skipIf(!canMount())("on a disk that is full", () => {
  it.each(["csv", "parquet"])("an export to %s says so and leaves nothing", async (format) => {
    await onSmallDisk(folder, async () => {
      const { code, stderr } = await startExport(database.url, "--out", join(folder, `full.${format}`)).ended;
      expect(stderr).toContain("the disk is full");
      expect(code).toBe(1);
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
