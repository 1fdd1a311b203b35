/** The thread of one export. Started by `in-thread.ts`. */
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { openPool } from "@physical-ai/db";
import { writeSynced } from "@physical-ai/service/whole-file";
import { openExport } from "./export-rows.ts";
import type { ExportMessage, ExportStart } from "./start-export.ts";

const { databaseUrl, request, file }: ExportStart = workerData;
const pool = openPool(databaseUrl, () => undefined, 1);
/** A message for every handful of rows would cost more than the rows. */
const rowsPerMessage = 10_000;

const say = (message: ExportMessage, transfer: ArrayBuffer[] = []) => parentPort?.postMessage(message, transfer);

function tellRows(kind: "scanned" | "written") {
  let rows = 0;
  const tell = () => {
    if (rows > 0) say({ kind, rows });
    rows = 0;
  };
  const count = (more: number) => {
    rows += more;
    if (rows >= rowsPerMessage) tell();
  };
  return { count, tell };
}

async function send(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    const bytes = new Uint8Array(chunk);
    const taken = parentPort === null ? undefined : once(parentPort, "message");
    say({ kind: "bytes", bytes }, [bytes.buffer]);
    await taken;
  }
}

const scanned = tellRows("scanned");
const written = tellRows("written");
try {
  const chunks = openExport(pool, request, {
    onScanned: scanned.count,
    onPlan(plan) {
      scanned.tell();
      say({ kind: "plan", plan });
    },
    onWritten: written.count,
  });
  await (file === undefined ? send(chunks) : writeSynced(file, chunks));
  written.tell();
  say({ kind: "end" });
} finally {
  await pool.end();
  parentPort?.close();
}
