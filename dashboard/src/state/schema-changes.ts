/** Payloads that have begun to look different, until somebody takes note. */
import type { PayloadSchemaChange } from "@physical-ai/unity-protocol";
import { remember } from "./bounded.ts";

/** A payload that has begun to look different; `at` is on the page's clock. */
export type SchemaChange = Readonly<PayloadSchemaChange>;

const mostShown = 5;
const mostDismissed = 200;

/** Those of all robot types. */
export class SchemaChanges {
  /** Newest first. */
  shown: readonly SchemaChange[] = [];
  readonly #dismissed = new Map<string, true>();

  /** The hub tells again after each reconnection. Returns whether it is news. */
  take(change: PayloadSchemaChange, at: number): boolean {
    const key = keyOfChange(change);
    if (this.#dismissed.has(key) || this.shown.some((known) => keyOfChange(known) === key)) return false;
    const changes = [{ ...change, at }, ...this.shown];
    this.shown = changes.sort((a, b) => b.at - a.at).slice(0, mostShown);
    return true;
  }

  dismiss(change: SchemaChange): void {
    remember(this.#dismissed, keyOfChange(change), true, mostDismissed);
    this.shown = this.shown.filter((known) => known !== change);
  }
}

/** Tells changes apart. */
export function keyOfChange({ robot_type, type, version }: SchemaChange): string {
  return JSON.stringify([robot_type, type, version]);
}
