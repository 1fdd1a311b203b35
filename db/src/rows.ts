/** The rows that the hub hands to the store. */
import type { CommandStatus } from "@physical-ai/unity-protocol";

/** A packet on its way into `robot_telemetry`. Times are epoch milliseconds. */
export interface TelemetryRow {
  robotId: string;
  robotType: string;
  dataType: string;
  /** The JSON text of the packet's `val`. */
  valueJson: string;
  createdAt: number;
  receivedAt: number;
  streamId: string | undefined;
  seq: number | undefined;
  /** The SHA-256 (hex) of each blob that `valueJson` names. */
  blobs?: readonly string[] | undefined;
}

/** Rows that belong together: all of them are committed, or none. */
export interface TelemetryBatch {
  rows: readonly TelemetryRow[];
  /** Moves the stream from `expectedSeq` to `lastSeq`, or commits nothing. Missing for packets without a stream. */
  stream?: StreamStep;
}

/** The compare-and-set of one stream. */
export interface StreamStep {
  streamId: string;
  /** The `committed_seq` that the stream must have. */
  expectedSeq: number;
  /** The `committed_seq` that it has afterwards. */
  lastSeq: number;
}

/** What became of a batch. */
export type BatchOutcome =
  | { kind: "committed" }
  /** The stream stands elsewhere: nothing of the batch was written. */
  | { kind: "conflict"; committedSeq: number }
  /** PostgreSQL refuses a value of the batch: nothing of it was written, and never will be. */
  | { kind: "unstorable"; problem: string /** Of the packet, where PostgreSQL names it. */; seq: number | undefined };

/** A prediction on its way into `ai_predictions`. */
export interface PredictionRow {
  robotId: string;
  robotType: string;
  policy: string;
  modelVersion: string;
  /** The JSON text of the prediction. */
  resultJson: string;
  streamId: string | undefined;
  firstSeq: number | undefined;
  lastSeq: number | undefined;
  inferMs: number;
  totalMs: number;
  createdAt: number;
}

/** A command as it stands now. */
export interface CommandRow {
  commandId: string;
  robotId: string;
  robotType: string | undefined;
  command: string;
  params: unknown;
  /** Who asked: a viewer's id, or `policy:<name>`. */
  sender: string;
  status: CommandStatus;
  result: unknown;
  /** The packet that made a policy ask for it. */
  streamId: string | undefined;
  seq: number | undefined;
  createdAt: number;
  updatedAt: number;
}

/** What payloads of a robot type and data type look like. */
export interface PayloadShape {
  /** The types of each field, by its path: `{"value.acc": ["number[3]"]}`; `?` after one that comes and goes. */
  schema: Record<string, string[]>;
  /** When each field with a type was last seen (epoch ms), by `path: type`; also those that are gone. */
  sightings: Record<string, number>;
}

/** A version of a payload's shape. Times are epoch milliseconds. */
export interface PayloadSchemaVersion {
  robotType: string;
  dataType: string;
  /** 1 being the first shape that was seen. */
  version: number;
  schema: PayloadShape["schema"];
  /** How it differs from the version before, in sentences. */
  changes: string[];
  firstSeen: number;
  lastSeen: number;
}
