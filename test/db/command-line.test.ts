/** `npm run db`: what it says where there is nothing to work on. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { embeddedSettings } from "@physical-ai/db";
import { programOf } from "@physical-ai/launcher";
import { afterEach, beforeEach, expect, it } from "vitest";

const run = promisify(execFile);
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "db-command-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** Runs it on the data folder; resolves with what it complains of. */
async function complaintOf(...args: string[]): Promise<unknown> {
  const { DATABASE_URL: _, ...environment } = process.env;
  const env = { ...environment, DATA_DIR: dataDir };
  return run(process.execPath, [programOf("db"), ...args], { env }).then(
    ({ stdout }) => stdout,
    (error) => `${error.code}: ${error.stderr}`,
  );
}

it.each([["retention", "--keep", "30d"], ["migrate"], ["schema"]])(
  "%s says that there is no database, and writes nothing",
  async (...args) => {
    expect(await complaintOf(...args)).toMatch(/^1: there is no database in .*--data-dir or DATA_DIR.*\n$/);
    expect(await readdir(dataDir)).toEqual([]);
  },
);

it("says that a database does not run, and how to start it", async () => {
  await embeddedSettings(dataDir);
  expect(await complaintOf("retention", "--keep", "30d")).toMatch(/^1: the database in .* does not run: .*serve/);
});
