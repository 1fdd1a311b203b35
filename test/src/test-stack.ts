/** The whole system as processes, on a database of a test's own, with policies as patient as a test. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Stack, type StackOptions, startStack } from "@physical-ai/launcher";

/** A running system. Whoever starts it stops it. */
export interface TestStack extends Stack {
  dataDir: string;
}

/** Starts the system in a temporary data folder that goes when it stops. */
export async function startTestStack(
  options: Pick<StackOptions, "databaseUrl" | "relayArgs"> & Partial<StackOptions>,
): Promise<TestStack> {
  const dataDir = await mkdtemp(join(tmpdir(), "hub-stack-"));
  const stack = await startStack({
    host: "127.0.0.1",
    port: await freePort(),
    dataDir,
    allowAnonymous: false,
    environment: process.env,
    ...options,
  });
  return {
    ...stack,
    dataDir,
    async stop() {
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A port that nothing uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

const policies = fileURLToPath(new URL("../../brain-worker/policies", import.meta.url));

/** Copies the policies into a temporary folder with a deadline of a minute. Whoever makes it removes it. */
export async function copyPatientPolicies(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "hub-policies-"));
  await cp(policies, folder, { recursive: true });
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".yaml"))) {
    const file = join(folder, name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/^deadline_ms: .*$/m, "deadline_ms: 60000"));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
