import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeServiceAccess } from "./service-access.ts";
import { verifyToken } from "./tokens.ts";

const clients = [
  { role: "relay", id: "pi-1" },
  { role: "brain_worker", id: "worker-1" },
] as const;
const passwords = ["hub/database-url", "postgres/password", "hub/redis-url", "redis/password"];
const files = ["hub/secret", ...passwords, "pi-1/token", "worker-1/token"];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "service-access-"));
});
afterEach(() => rm(folder, { recursive: true }));

const urls = { databaseUrl: "postgres://hub@postgres:5432/hub", redisUrl: "redis://redis:6379" };
const make = () => makeServiceAccess({ folder, ...urls, clients });
const read = async (file: string) => (await readFile(join(folder, file), "utf8")).trim();

it("gives each service what it needs, in a folder of its own", async () => {
  await make();
  expect(await read("hub/database-url")).toBe(`postgres://hub:${await read("postgres/password")}@postgres:5432/hub`);
  expect(await read("hub/redis-url")).toBe(`redis://:${await read("redis/password")}@redis:6379`);
  const secret = await read("hub/secret");
  for (const client of clients) expect(await verifyToken(await read(`${client.id}/token`), secret)).toEqual(client);
});

it.skipIf(process.platform === "win32")("lets its owner alone read it", async () => {
  await make();
  for (const file of files) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
});

it("makes what is missing, and leaves alone what is there", async () => {
  await make();
  const before = await Promise.all(files.map(read));
  await rm(join(folder, "worker-1"), { recursive: true });
  await make();
  const after = await Promise.all(files.map(read));
  expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
  expect(await verifyToken(after.at(-1) ?? "", await read("hub/secret"))).toEqual(clients[1]);
});

it("makes new tokens when the secret is gone, which signed those that are there", async () => {
  await make();
  await rm(join(folder, "hub", "secret"));
  await make();
  const secret = await read("hub/secret");
  for (const client of clients) expect(await verifyToken(await read(`${client.id}/token`), secret)).toEqual(client);
});

it.each(["postgres", "hub"])(
  "makes no new password when the folder of %s is gone: the database knows the old one",
  async (lost) => {
    await make();
    const password = await read("postgres/password");
    await rm(join(folder, lost), { recursive: true });
    await make();
    expect(await read("postgres/password")).toBe(password);
    expect(new URL(await read("hub/database-url")).password).toBe(password);
  },
);
