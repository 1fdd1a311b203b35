/** What writes predictions and commands behind the live path. */
import type { CommandRow, PredictionRow, Store } from "@physical-ai/db";
import { type BatchWriter, type BatchWriterDependencies, createBatchWriter } from "./batch-writer.ts";
import { approximateBytes } from "./value-size.ts";

const patience = { maxWaiting: 50_000, retryMs: 500, gatherMs: 50 };

/** Whoever makes it closes it. */
export function createPredictionWriter(store: Store, tellers: BatchWriterDependencies): BatchWriter<PredictionRow> {
  return createBatchWriter(tellers, {
    what: "predictions",
    write: (rows) => store.insertPredictions(rows),
    bytesOf: ({ resultJson }) => resultJson.length,
    maxRowsPerWrite: 2_000,
    ...patience,
  });
}

/** Whoever makes it closes it. */
export function createCommandWriter(store: Store, tellers: BatchWriterDependencies): BatchWriter<CommandRow> {
  return createBatchWriter(tellers, {
    what: "command rows",
    write: (rows) => store.saveCommands(rows),
    bytesOf: ({ params, result }) => approximateBytes(params) + approximateBytes(result),
    maxRowsPerWrite: 500,
    ...patience,
  });
}
