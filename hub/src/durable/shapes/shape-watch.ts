/**
 * Notices when payloads begin to look different, so that training does not silently break.
 *
 * The hot path only looks: at the first packets of each robot type and data type, and then at one every `lookEveryMs`.
 * What was seen is reported to the database behind it, where the hubs agree on what is new.
 */
import type { PayloadKind, PayloadSchemaVersion, Store } from "@physical-ai/db";
import type { PayloadSchemaChange } from "@physical-ai/unity-protocol";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { compositeKey, type HubPacket } from "../../packet.ts";
import type { DatabaseOutage } from "../outage.ts";
import { Observer } from "./observer.ts";
import { revise } from "./revise.ts";
import { typedFieldsOf } from "./typed-fields.ts";

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

/** Watches payloads. Whoever makes it closes it. */
export class ShapeWatch {
  readonly #store: ShapeWatchDependencies["store"];
  readonly #logger: Logger;
  readonly #outage: DatabaseOutage;
  readonly #onChange: (change: PayloadSchemaChange) => void;
  readonly #now: () => number;
  /** By robot type, then data type. */
  readonly #kinds = new Map<string, Map<string, Watched>>();
  readonly #changes: LRUCache<string, PayloadSchemaChange> = new LRUCache({ max: maxChanges });
  #count = 0;
  #found = 0;
  #running: Promise<void> | undefined;
  #pausedUntil = 0;
  #listAt = 0;
  #newestChangeAt: number;
  #closed = false;

  constructor({ store, logger, outage, onChange, now = Date.now }: ShapeWatchDependencies) {
    this.#store = store;
    this.#logger = logger;
    this.#outage = outage;
    this.#onChange = onChange;
    this.#now = now;
    this.#newestChangeAt = now() - shownForMs;
  }

  /** Packets came. Never waits, never throws. */
  look(packets: readonly HubPacket[]): void {
    for (const { packet, receivedAt } of packets) {
      const watched = this.#watch(packet.robot_type, packet.type, receivedAt);
      if (watched !== undefined && receivedAt >= watched.nextLookAt) lookAt(watched, packet.val, receivedAt);
    }
  }

  /** Reports what was seen, and asks what other hubs have found; to be called about every second. */
  tick(): void {
    const at = this.#now();
    if (this.#running !== undefined || this.#closed || at < this.#pausedUntil) return;
    this.#forgetIdle(at);
    this.#running = this.#work(at).finally(() => {
      this.#running = undefined;
    });
  }

  /** The newest change of each robot type and data type within a day, for viewers that come. */
  *changes(): Iterable<PayloadSchemaChange> {
    const since = this.#now() - shownForMs;
    for (const change of this.#changes.rvalues()) if (change !== undefined && change.at >= since) yield change;
  }

  /** How many changes this hub was the first to find. */
  get found(): number {
    return this.#found;
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #watch(robotType: string, dataType: string, at: number): Watched | undefined {
    const ofType = this.#kinds.get(robotType) ?? new Map<string, Watched>();
    const known = ofType.get(dataType);
    if (known !== undefined || this.#count >= maxKinds) return known;
    const watched = { robotType, dataType, observer: new Observer(), lookedAt: at, nextLookAt: 0, reportAt: at };
    this.#kinds.set(robotType, ofType.set(dataType, watched));
    if (++this.#count === maxKinds) {
      const problem = "too many robot types and data types: the shapes of others are not watched";
      this.#logger.warn({ most: maxKinds }, problem);
    }
    return watched;
  }

  #forgetIdle(at: number): void {
    for (const ofType of this.#kinds.values()) {
      for (const [dataType, { lookedAt }] of ofType) {
        if (lookedAt < at - forgottenAfterMs && ofType.delete(dataType)) this.#count--;
      }
    }
  }

  async #work(at: number): Promise<void> {
    try {
      if (at >= this.#listAt) await this.#list(at);
      for (const ofType of this.#kinds.values()) {
        for (const watched of ofType.values()) {
          if (!this.#closed && watched.reportAt <= at) await this.#report(watched, at);
        }
      }
    } catch (error) {
      this.#pausedUntil = at + retryMs;
      this.#outage.failed(error);
    }
  }

  /** Other hubs find changes, too. */
  async #list(at: number): Promise<void> {
    this.#listAt = at + listEveryMs;
    const versions = await this.#store.listPayloadSchemas(this.#newestChangeAt - overlapMs);
    this.#outage.over();
    for (const version of versions) {
      this.#newestChangeAt = Math.max(this.#newestChangeAt, version.firstSeen);
      if (version.version > 1) this.#announce(changeOf(version));
    }
  }

  async #report(watched: Watched, at: number): Promise<void> {
    watched.reportAt = at + reportEveryMs;
    const observation = watched.observer.observation(at);
    if (observation.seen.size === 0) return;
    const revision = await this.#store.revisePayloadSchema(watched, at, (known) => revise(known, observation));
    watched.observer.adopt(revision.shape);
    if (revision.changes.length === 0) return;
    this.#found++;
    const { robotType: robot_type, dataType: type } = watched;
    const change = { robot_type, type, version: revision.version, at, changes: revision.changes };
    if (!this.#announce(change)) return;
    this.#logger.warn(change, "a payload's shape has changed: what was trained on it may not fit any more");
  }

  /** Returns whether it is news. */
  #announce(change: PayloadSchemaChange): boolean {
    const key = compositeKey(change.robot_type, change.type);
    if (change.version <= (this.#changes.peek(key)?.version ?? 1)) return false;
    this.#changes.set(key, change);
    this.#onChange(change);
    return true;
  }
}

function lookAt(watched: Watched, val: unknown, at: number): void {
  watched.lookedAt = at;
  if (watched.observer.looks >= firstLooks) watched.nextLookAt = at + lookEveryMs;
  if (watched.observer.look(typedFieldsOf(val), at)) watched.reportAt = at;
}

function changeOf({ robotType, dataType, version, firstSeen, changes }: PayloadSchemaVersion): PayloadSchemaChange {
  return { robot_type: robotType, type: dataType, version, at: firstSeen, changes };
}
