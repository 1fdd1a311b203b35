/** The whole system as processes, on a database of a test's own. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
