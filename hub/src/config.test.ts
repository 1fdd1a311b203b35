import { beforeEach, expect, it, vi } from "vitest";
import { type HubCommands, runCommandLine } from "./config.ts";

const url = "postgres://hub:password@127.0.0.1:5432/hub";

beforeEach(() => {
  for (const name of ["DATABASE_URL", "DATABASE_URL_FILE"]) vi.stubEnv(name, undefined);
  return () => vi.unstubAllEnvs();
});

async function databaseUrlOf(...args: readonly string[]): Promise<string | undefined> {
  let databaseUrl: string | undefined;
  const serve: HubCommands["serve"] = async (config) => {
    databaseUrl = config.databaseUrl;
  };
  await runCommandLine(["serve", ...args], { serve, token: async () => undefined, access: async () => undefined });
  return databaseUrl;
}

it("takes the database's URL", async () => {
  expect(await databaseUrlOf("--database-url", url)).toBe(url);
  vi.stubEnv("DATABASE_URL", url);
  expect(await databaseUrlOf()).toBe(url);
});

it("says what it expected of the database's URL, and repeats no password", async () => {
  await expect(databaseUrlOf()).rejects.toThrow(/expected .*postgres:\/\/.*got neither/);
  vi.stubEnv("DATABASE_URL", "");
  await expect(databaseUrlOf()).rejects.toThrow("got neither");
  for (const wrong of ["nonsense", "mysql://hub:password-1@host/hub"]) {
    await expect(databaseUrlOf("--database-url", wrong)).rejects.toThrow(/got something else$/);
  }
});
