/** Exports on a thread of their own, whole or with an error. */
import { on } from "node:events";
import { Worker } from "node:worker_threads";
import type { ExportPlan, ExportRequest } from "@physical-ai/db";
import type { OpenExport } from "../http/exports.ts";

/** What the thread is started with. */
export interface ExportStart {
  databaseUrl: string;
  request: ExportRequest;
}

/** What the thread says. After `bytes` it waits for an answer. */
export type ExportMessage = { kind: "plan"; plan: ExportPlan } | { kind: "bytes"; bytes: Uint8Array } | { kind: "end" };

/** Always the compiled file: Node 20 runs no TypeScript. */
const threadFile = new URL("../../dist/exports/export-thread.js", import.meta.url);

/** Makes what opens exports of a database. */
export function exportsOf(databaseUrl: string): OpenExport {
  return (request, listener) => exportInThread({ databaseUrl, request }, listener);
}

/**
 * Yields the bytes of an export as fast as they are taken. Whoever stops before the end ends the thread with that.
 *
 * @throws what went wrong in the thread; when the database goes away, for one
 */
async function* exportInThread(
  start: ExportStart,
  { onPlan, signal }: Parameters<OpenExport>[1],
): AsyncGenerator<Uint8Array> {
  const worker = new Worker(threadFile, { workerData: start });
  const terminate = () => worker.terminate();
  signal.addEventListener("abort", terminate, { once: true });
  try {
    for await (const message of messagesOf(worker)) {
      if (message.kind === "end") return;
      if (message.kind === "plan") onPlan(message.plan);
      else {
        yield message.bytes;
        worker.postMessage("taken");
      }
    }
    throw new Error("the thread of the export ended before the export did");
  } finally {
    signal.removeEventListener("abort", terminate);
    await terminate();
  }
}

/** Throws what the thread throws. */
async function* messagesOf(worker: Worker): AsyncGenerator<ExportMessage> {
  for await (const [message] of on(worker, "message", { close: ["exit"] })) yield message;
}
