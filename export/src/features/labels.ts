/** What stored packets are examples of. */

import { fieldOf } from "@physical-ai/policy";
import type { StoredTelemetry } from "../rows/read-telemetry.ts";

/** Where the labels are. */
export interface LabelSource {
  /** The field of `val` with the label. */
  readonly field: string;
  /** The data type of packets that say what their robot's packets are from then on; when missing, each says it itself. */
  readonly type?: string | undefined;
}

/** Knows the label of every packet, as long as it sees them in the order of time. */
export interface Labels {
  /** Text; undefined where nobody has said it. */
  of(row: StoredTelemetry): string | undefined;
}

export function createLabels({ field, type }: LabelSource): Labels {
  const newest = new Map<string, string | undefined>();
  return {
    of(row) {
      if (type === undefined) return textOf(fieldOf(row.value, field));
      // A packet of labels may hold nothing but the label.
      if (row.dataType === type) newest.set(row.robotId, textOf(row.value) ?? textOf(fieldOf(row.value, field)));
      return newest.get(row.robotId);
    },
  };
}

/** Labels and groups are text or numbers. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
