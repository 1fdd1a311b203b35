/** A hub as a process of its own, on a database of a test's own. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readOrMakeSecret } from "@physical-ai/hub/access";
import { programOf, SupervisedProcess } from "@physical-ai/launcher";
import { freePort } from "./test-stack.ts";

/** A running hub. Whoever starts it stops it. */
export interface TestHub {
  url: string;
  /** Signs tokens for its clients. */
  secret: string;
  process: SupervisedProcess;
  stop(): Promise<void>;
}

/** Bounds what hangs: a slow machine may take its time. */
const patienceMs = 120_000;

/** Starts a hub and waits until it is ready. Its secret lies in `folder`, so that several hubs can share it. */
export async function startTestHub({
  databaseUrl,
  folder,
  environment = {},
}: {
  databaseUrl: string;
  folder: string;
  environment?: NodeJS.ProcessEnv;
}): Promise<TestHub> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = await readOrMakeSecret(join(folder, "secret"));
  const hub = new SupervisedProcess(
    {
      name: "hub",
      program: programOf("hub"),
      args: [],
      environment: {
        ...process.env,
        HOST: "127.0.0.1",
        PORT: String(port),
        DATABASE_URL: databaseUrl,
        DATA_DIR: folder,
        LOG_LEVEL: "warn",
        ...environment,
      },
      logFile: join(folder, `hub-${port}.log`),
    },
    () => undefined,
  );
  const deadline = Date.now() + patienceMs;
  while (!(await isReady(url))) {
    if (Date.now() > deadline) {
      await hub.stop();
      throw new Error(`the hub was not ready within ${patienceMs} ms; see ${folder}/hub-${port}.log`);
    }
    await sleep(50);
  }
  return { url, secret, process: hub, stop: () => hub.stop() };
}

const isReady = (url: string) =>
  fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
