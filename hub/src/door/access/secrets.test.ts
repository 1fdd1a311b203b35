import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkSecret, readOrMakeSecret } from "./secrets.ts";

describe("the secret", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "secret-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is made once, folder included, and read ever after", async () => {
    const file = join(folder, "data", "secret");
    const secret = await readOrMakeSecret(file);
    expect(secret.length).toBeGreaterThanOrEqual(32);
    expect(await readOrMakeSecret(file)).toBe(secret);
    expect((await readFile(file, "utf8")).trim()).toBe(secret);
  });

  it.skipIf(process.platform === "win32")("can be read by its owner only", async () => {
    const file = join(folder, "secret");
    await readOrMakeSecret(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("is the same for processes that start at once", async () => {
    const file = join(folder, "secret");
    const secrets = await Promise.all(Array.from({ length: 16 }, () => readOrMakeSecret(file)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(["secret"]);
  });

  it("of a file may end with a line break", async () => {
    const file = join(folder, "secret");
    await writeFile(file, `${"s".repeat(32)}\r\n`);
    expect(await readOrMakeSecret(file)).toBe("s".repeat(32));
  });

  it("that can be guessed is refused, saying where it came from and how to make one", async () => {
    const file = join(folder, "secret");
    await writeFile(file, "password");
    await expect(readOrMakeSecret(file)).rejects.toThrow(`${file}: the secret has 8 characters, expected at least 32`);
    expect(() => checkSecret("s".repeat(31), "HUB_SECRET")).toThrow("openssl rand");
    expect(checkSecret("s".repeat(32), "HUB_SECRET")).toBe("s".repeat(32));
  });
});
