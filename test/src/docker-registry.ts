/** A real container registry on this machine that wants a login. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./test-stack.ts";

/** Whoever starts it stops it. */
export interface TestRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly login: { readonly username: string; readonly password: string };
  stop(): Promise<void>;
}

const program = "docker-registry";
const login = { username: "robot", password: "secret" };
/** The password by bcrypt, as `htpasswd -B` writes it. */
const passwordHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

/** Whether the registry's program is there. */
export function hasRegistry(): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn(`skipped: no ${program} on the PATH (apt-get install ${program})`);
    return false;
  }
}

export async function startRegistry(): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "docker-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const passwords = join(folder, "passwords");
  const config = join(folder, "config.json");
  await writeFile(passwords, `${login.username}:${passwordHash}\n`);
  // JSON is YAML too.
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      storage: { filesystem: { rootdirectory: join(folder, "images") } },
      http: { addr: host },
      auth: { htpasswd: { realm: "test", path: passwords } },
    }),
  );
  const server = spawn(program, ["serve", config], { stdio: "ignore" });
  while (!(await fetch(`http://${host}/v2/`).catch(() => undefined))) await sleep(20);
  return {
    host,
    login,
    async stop() {
      const gone = once(server, "exit");
      server.kill();
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}
