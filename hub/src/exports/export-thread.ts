/** The thread of one export: packing columns takes the time that packets need. Started by `export-in-thread.ts`. */
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { openExport, openPool } from "@physical-ai/db";
import type { ExportMessage, ExportStart } from "./export-in-thread.ts";

const { databaseUrl, request }: ExportStart = workerData;
const pool = openPool(databaseUrl, () => undefined, 1);
const send = (message: ExportMessage, transfer: ArrayBuffer[] = []) => parentPort?.postMessage(message, transfer);

try {
  for await (const chunk of openExport(pool, request, { onPlan: (plan) => send({ kind: "plan", plan }) })) {
    const bytes = Uint8Array.from(chunk);
    const taken = parentPort === null ? undefined : once(parentPort, "message");
    send({ kind: "bytes", bytes }, [bytes.buffer]);
    await taken;
  }
  send({ kind: "end" });
} finally {
  await pool.end();
  parentPort?.close();
}
