/** `npm run hub`: what it says to the operator. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { programOf } from "@physical-ai/launcher";
import { expect, inject, it } from "vitest";
import { openProxy } from "../src/chaos/proxy.ts";
import { createEmptyDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { freePort } from "../src/test-stack.ts";

const run = promisify(execFile);

it("says which commands there are when it gets another", async () => {
  const bogus = run(process.execPath, [programOf("hub"), "bogus"]);
  await expect(bogus).rejects.toThrow("expected one of the commands serve, token, access; got bogus");
});

it("waits for a database that comes up after it, and says so in one calm line", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hub-waits-"));
  const database = await createEmptyDatabase(inject("postgresUrl"));
  const url = new URL(database.url);
  const serverPort = Number(url.port);
  url.port = String(await freePort());
  const hub = spawn(process.execPath, [programOf("hub"), "--port", "0"], {
    env: { ...process.env, DATABASE_URL: url.href, DATA_DIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let log = "";
  hub.stdout.on("data", (text) => {
    log += text;
  });
  const messages = () =>
    log
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).msg);
  await eventually(() => expect(messages()).toEqual(["waiting for the database"]));
  expect(log).toContain("ECONNREFUSED");
  expect(log).not.toContain("stack");
  const proxy = await openProxy(serverPort, Number(url.port));
  await eventually(() => expect(messages()).toEqual(["waiting for the database", "listening"]));
  hub.kill();
  expect(await once(hub, "exit")).toEqual([0, null]);
  await proxy.close();
  await database.drop();
  await rm(folder, { recursive: true });
});
