/** Exports on a thread of their own: beside whatever else the process does, and with a heap that stays small. */
import { on } from "node:events";
import { Worker } from "node:worker_threads";
import { makeWhole, requirePlace } from "@physical-ai/service/whole-file";
import { NotExportableError } from "./errors.ts";
import type { ExportListener, ExportPlan, ExportRequest } from "./export-rows.ts";

/** What the thread is started with. */
export interface ExportStart {
  databaseUrl: string;
  request: ExportRequest;
  /** Where to write the bytes; they are sent when missing. */
  file?: string;
}

/** What the thread says. After `bytes` it waits for an answer. */
export type ExportMessage =
  | { kind: "scanned"; rows: number }
  | { kind: "plan"; plan: ExportPlan }
  | { kind: "written"; rows: number }
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "end" };

/** Opens exports of a database, each as `openExport` does and on its own thread; the signal's abort gives one up. */
export type OpenExport = (
  request: ExportRequest,
  listener: ExportListener & { signal?: AbortSignal },
) => AsyncGenerator<Uint8Array>;

/**
 * V8 keeps garbage for as long as these limits let it. With a small young generation the buffers that bytes came in are
 * given back soon; with a limit of at most 256 MB the old one grows by less than a third before it is cleaned.
 */
const heapLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 };

/** Always the compiled file: Node 20 runs no TypeScript. */
const threadFile = new URL("../../dist/rows/export-thread.js", import.meta.url);

/** Makes what opens exports of a database. */
export function exportsOf(databaseUrl: string): OpenExport {
  return async function* (request, { signal, ...listener }) {
    for await (const message of messagesOf({ databaseUrl, request }, signal)) {
      if (message.kind === "bytes") yield message.bytes;
      else tell(listener, message);
    }
  };
}

/** Exports to a file that is never half there; see `makeWhole`. */
export async function exportToFile(
  databaseUrl: string,
  request: ExportRequest,
  file: string,
  listener: ExportListener = {},
): Promise<void> {
  await requirePlace(file);
  await makeWhole(file, async (unfinished) => {
    for await (const message of messagesOf({ databaseUrl, request, file: unfinished })) tell(listener, message);
  });
}

function tell(listener: ExportListener, message: ExportMessage): void {
  if (message.kind === "plan") listener.onPlan?.(message.plan);
  else if (message.kind === "scanned") listener.onScanned?.(message.rows);
  else if (message.kind === "written") listener.onWritten?.(message.rows);
}

/**
 * Runs the thread; whoever stops before the end ends it with that.
 *
 * @throws what went wrong in the thread; when the database goes away, for one
 */
async function* messagesOf(start: ExportStart, signal?: AbortSignal): AsyncGenerator<ExportMessage> {
  const worker = new Worker(threadFile, { workerData: start, resourceLimits: heapLimits });
  const terminate = () => worker.terminate();
  signal?.addEventListener("abort", terminate, { once: true });
  try {
    for await (const [message] of on(worker, "message", { close: ["exit"] })) {
      if (message.kind === "end") return;
      yield message;
      if (message.kind === "bytes") worker.postMessage("taken");
    }
    throw new Error("the thread of the export ended before the export did");
  } catch (error) {
    throw isOutOfMemory(error) ? new NotExportableError(tooLarge, { cause: error }) : error;
  } finally {
    signal?.removeEventListener("abort", terminate);
    await terminate();
  }
}

const tooLarge =
  `the rows need more than the ${heapLimits.maxOldGenerationSizeMb} MB that an export has: choose fewer data types, ` +
  "or keep large branches of them in one column with a schema file";

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}
