/**
 * Notices when payloads begin to look different, so that training does not silently break.
 *
 * The hot path only looks: at the first packets of each robot type and data type, and then at one every `lookEveryMs`.
 * What was seen is reported to the database behind it, where the hubs agree on what is new.
 */
import type { PayloadKind, PayloadSchemaVersion, Store } from "@physical-ai/db";
import type { PayloadSchemaChange } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { compositeKey, type HubPacket } from "../../packet.ts";
import type { DatabaseOutage } from "../database/outage.ts";
import { createObserver, type Observer } from "./observer.ts";
import { revise } from "./revise.ts";
import { typedFieldsOf } from "./typed-fields.ts";

/** Watches payloads. Whoever makes it closes it. */
export interface ShapeWatch {
  /** Packets came. Never waits, never throws. */
  look(received: readonly HubPacket[]): void;
  /** Reports what was seen, and asks what other hubs have found; to be called about every second. */
  tick(): void;
  /** The newest change of each robot type and data type within a day, for viewers that come. */
  changes(): Iterable<PayloadSchemaChange>;
  /** How many changes this hub was the first to find. */
  readonly found: number;
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>;
}

interface ShapeWatchDependencies {
  store: Pick<Store, "revisePayloadSchema" | "listPayloadSchemas">;
  logger: Logger;
  outage: DatabaseOutage;
  /** Told once of each change, whichever hub found it. */
  onChange: (change: PayloadSchemaChange) => void;
  now?: () => number;
}

interface Watched extends PayloadKind {
  observer: Observer;
  lookedAt: number;
  nextLookAt: number;
  /** When what was seen is reported at the latest. */
  reportAt: number;
}

const lookEveryMs = 100;
/** Looked at without a pause, so that what few packets show is known at once. */
const firstLooks = 20;
const reportEveryMs = 10_000;
const listEveryMs = 5_000;
/** While the database is away. */
const retryMs = 10_000;
/** Robot types with their data types; those that have not been seen for an hour make room. */
const maxKinds = 1_000;
const forgottenAfterMs = 3_600_000;
const shownForMs = 86_400_000;
const maxChanges = 100;
/** Another hub's clock, and how long its transaction takes. */
const overlapMs = 60_000;

/** Makes a watch that has seen nothing yet. */
export function createShapeWatch({
  store,
  logger,
  outage,
  onChange,
  now = Date.now,
}: ShapeWatchDependencies): ShapeWatch {
  /** By robot type, then data type. */
  const kinds = new Map<string, Map<string, Watched>>();
  const changes = new Map<string, PayloadSchemaChange>();
  let count = 0;
  let found = 0;
  let running: Promise<void> | undefined;
  let pausedUntil = 0;
  let listAt = 0;
  let newestChangeAt = now() - shownForMs;
  let closed = false;

  function watch(robotType: string, dataType: string, at: number): Watched | undefined {
    const ofType = kinds.get(robotType) ?? new Map<string, Watched>();
    const known = ofType.get(dataType);
    if (known !== undefined || count >= maxKinds) return known;
    const watched = { robotType, dataType, observer: createObserver(), lookedAt: at, nextLookAt: 0, reportAt: at };
    kinds.set(robotType, ofType.set(dataType, watched));
    if (++count === maxKinds)
      logger.warn({ most: maxKinds }, "too many robot types and data types: the shapes of others are not watched");
    return watched;
  }

  function lookAt(watched: Watched, val: unknown, at: number): void {
    watched.lookedAt = at;
    if (watched.observer.looks >= firstLooks) watched.nextLookAt = at + lookEveryMs;
    if (watched.observer.look(typedFieldsOf(val), at)) watched.reportAt = at;
  }

  async function report(watched: Watched, at: number): Promise<void> {
    watched.reportAt = at + reportEveryMs;
    const observation = watched.observer.observation(at);
    if (observation.seen.size === 0) return;
    const revision = await store.revisePayloadSchema(watched, at, (known) => revise(known, observation));
    watched.observer.adopt(revision.shape);
    if (revision.changes.length === 0) return;
    found++;
    const { robotType: robot_type, dataType: type } = watched;
    const change = { robot_type, type, version: revision.version, at, changes: revision.changes };
    if (announce(change))
      logger.warn(change, "a payload's shape has changed: what was trained on it may not fit any more");
  }

  /** Other hubs find changes, too. */
  async function list(at: number): Promise<void> {
    listAt = at + listEveryMs;
    const versions = await store.listPayloadSchemas(newestChangeAt - overlapMs);
    outage.over();
    for (const version of versions) {
      newestChangeAt = Math.max(newestChangeAt, version.firstSeen);
      if (version.version > 1) announce(changeOf(version));
    }
  }

  /** Returns whether it is news. */
  function announce(change: PayloadSchemaChange): boolean {
    const key = compositeKey(change.robot_type, change.type);
    if (change.version <= (changes.get(key)?.version ?? 1)) return false;
    changes.delete(key);
    changes.set(key, change);
    const [oldest] = changes.keys();
    if (changes.size > maxChanges && oldest !== undefined) changes.delete(oldest);
    onChange(change);
    return true;
  }

  function forgetIdle(at: number): void {
    for (const ofType of kinds.values()) {
      for (const [dataType, { lookedAt }] of ofType) {
        if (lookedAt < at - forgottenAfterMs && ofType.delete(dataType)) count--;
      }
    }
  }

  async function work(at: number): Promise<void> {
    try {
      if (at >= listAt) await list(at);
      for (const ofType of kinds.values()) {
        for (const watched of ofType.values()) if (!closed && watched.reportAt <= at) await report(watched, at);
      }
    } catch (error) {
      pausedUntil = at + retryMs;
      outage.failed(error);
    }
  }

  return {
    look(received) {
      for (const { packet, receivedAt } of received) {
        const watched = watch(packet.robot_type, packet.type, receivedAt);
        if (watched !== undefined && receivedAt >= watched.nextLookAt) lookAt(watched, packet.val, receivedAt);
      }
    },
    tick() {
      const at = now();
      if (running !== undefined || closed || at < pausedUntil) return;
      forgetIdle(at);
      running = work(at).finally(() => {
        running = undefined;
      });
    },
    *changes() {
      const since = now() - shownForMs;
      for (const change of changes.values()) if (change.at >= since) yield change;
    },
    get found() {
      return found;
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

function changeOf({ robotType, dataType, version, firstSeen, changes }: PayloadSchemaVersion): PayloadSchemaChange {
  return { robot_type: robotType, type: dataType, version, at: firstSeen, changes };
}
