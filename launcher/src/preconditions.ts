/** What must hold before anything is started. */
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { readKeeper } from "@physical-ai/db";

const folderPatienceMs = 5_000;

/** Finds out before anything is started, where the message is easy to find. */
export async function checkPort(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause) => {
      const problem = "code" in cause && cause.code === "EADDRINUSE" ? "something else listens there" : cause.message;
      reject(
        new Error(`the hub cannot listen on ${host}:${port}: ${problem}. Choose another port: PORT=${port + 1}`, {
          cause,
        }),
      );
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/** One system at a time works on a data folder; one that is just stopping gets a moment. */
export async function checkFolder(dataDir: string): Promise<void> {
  const deadline = Date.now() + folderPatienceMs;
  for (;;) {
    const keeper = await readKeeper(dataDir);
    if (keeper === undefined) return;
    if (Date.now() > deadline) {
      throw new Error(
        `the data folder ${dataDir} is in use by another npm start (its PostgreSQL's keeper is process ${keeper}): ` +
          "stop that one, or choose another folder with DATA_DIR",
      );
    }
    await sleep(200);
  }
}
