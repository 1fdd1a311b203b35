/** The durable path: what becomes of packets, predictions and commands in the database. It is complete, and may lag. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandRow, PredictionRow, Store } from "@physical-ai/db";
import type { PayloadSchemaChange } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import type { Observations } from "../observations.ts";
import { approximateBytes } from "../storable.ts";
import { BatchWriter, type BatchWriterDependencies } from "./batch-writer.ts";
import { BlobStore } from "./blob-store.ts";
import { GroupCommitter } from "./group-committer.ts";
import type { DatabaseOutage } from "./outage.ts";
import { ShapeWatch } from "./shapes/shape-watch.ts";

/** What writes, and what looks at what is written. */
export interface DurablePath {
  blobs: BlobStore;
  committer: GroupCommitter;
  predictionWriter: BatchWriter<PredictionRow>;
  commandWriter: BatchWriter<CommandRow>;
  shapes: ShapeWatch;
  /**
   * Writes what waits, and takes nothing more; within about 7 s.
   *
   * @returns whether everything was written
   */
  close(): Promise<boolean>;
}

interface DurablePathDependencies {
  store: Store;
  logger: Logger;
  outage: DatabaseOutage;
  observe: Observations;
  /** Told of each change of a payload's shape. */
  onShapeChange: (change: PayloadSchemaChange) => void;
}

const closePatienceMs = 5_000;
/** For a database that neither takes nor refuses what it is given. */
const frozenPatienceMs = 7_000;
const writerPatience = { maxWaiting: 50_000, retryMs: 500, gatherMs: 50 };

/** Whoever makes it closes it; and the store after it. */
export function createDurablePath(
  { store, logger, outage, observe, onShapeChange }: DurablePathDependencies,
  { blobFolder }: { blobFolder: string },
): DurablePath {
  const blobs = new BlobStore(blobFolder);
  const committer = new GroupCommitter({ store, blobs, outage, observe });
  const predictionWriter = createPredictionWriter(store, { logger, outage });
  const commandWriter = createCommandWriter(store, { logger, outage });
  const shapes = new ShapeWatch({ store, logger, outage, onChange: onShapeChange });
  const writers = [committer, predictionWriter, commandWriter];

  return {
    blobs,
    committer,
    predictionWriter,
    commandWriter,
    shapes,
    async close() {
      const closing = Promise.all(writers.map((writer) => writer.close(closePatienceMs)));
      const frozen = sleep(frozenPatienceMs, undefined, { ref: false });
      const [written] = await Promise.all([Promise.race([closing, frozen]), Promise.race([shapes.close(), frozen])]);
      return written?.every(Boolean) ?? false;
    },
  };
}

function createPredictionWriter(store: Store, tellers: BatchWriterDependencies): BatchWriter<PredictionRow> {
  return new BatchWriter(tellers, {
    what: "predictions",
    write: (rows) => store.insertPredictions(rows),
    bytesOf: ({ resultJson }) => resultJson.length,
    maxRowsPerWrite: 2_000,
    ...writerPatience,
  });
}

function createCommandWriter(store: Store, tellers: BatchWriterDependencies): BatchWriter<CommandRow> {
  return new BatchWriter(tellers, {
    what: "command rows",
    write: (rows) => store.saveCommands(rows),
    bytesOf: ({ params, result }) => approximateBytes(params) + approximateBytes(result),
    maxRowsPerWrite: 500,
    ...writerPatience,
  });
}
