/** `relay_to_hub`: from a message to committed rows and an acknowledgement, and to the live path on the way. */
import type { BatchOutcome, Store } from "@physical-ai/db";
import { type Failure, failure } from "@physical-ai/unity-protocol";
import { type Observations, unobserved } from "../observations.ts";
import type { HubPacket } from "../packet.ts";
import { CommitterFull, type GroupCommitter } from "./group-committer.ts";
import { createLiveSeqs } from "./live-seqs.ts";
import { createSession, type IngestSession } from "./session.ts";
import type { Submission } from "./transaction-plan.ts";

/** Makes sessions. */
export interface Ingest {
  /** `onPacket` is told of each packet that is taken in. */
  createSession(relayId: string, onPacket?: (received: HubPacket) => void): IngestSession;
  /** Packets taken in since the start, and how many streams have sent some. */
  readonly stats: { packets: number; streams: number };
}

interface IngestDependencies {
  store: Pick<Store, "openStream" | "problemWithTime">;
  committer: GroupCommitter;
  /** Gets each packet once, before it is committed. */
  onReceived: (packets: readonly HubPacket[]) => void;
  observe?: Pick<Observations, "forwarded" | "committed">;
  /** Packets that are older are not live. */
  maxLiveAgeMs?: number;
  now?: () => number;
}

/** Makes the ingest path. */
export function createIngest({
  store,
  committer,
  onReceived,
  observe = unobserved,
  maxLiveAgeMs = 5_000,
  now = Date.now,
}: IngestDependencies): Ingest {
  const liveSeqs = createLiveSeqs();
  let packets = 0;

  /** Commits, or says in the contract's words why it could not be tried. */
  async function commit(submission: Submission): Promise<BatchOutcome | Failure> {
    try {
      return await committer.submit(submission);
    } catch (error) {
      if (error instanceof CommitterFull) return failure("overloaded", `${error.message}; try again later`);
      return failure("unavailable", `the database did not take it: ${String(error)}; send it again`);
    }
  }

  return {
    createSession(relayId, onPacket) {
      function announce(received: readonly HubPacket[], cameAt: number): void {
        packets += received.length;
        if (onPacket !== undefined) for (const one of received) onPacket(one);
        onReceived(received);
        observe.forwarded(received.length, performance.now() - cameAt);
      }
      const onCommitted = (cameAt: number) => observe.committed(performance.now() - cameAt);
      const { advance: advanceLive } = liveSeqs;
      return createSession({ store, commit, advanceLive, announce, onCommitted, maxLiveAgeMs, now }, relayId);
    },
    get stats() {
      return { packets, streams: liveSeqs.size };
    },
  };
}
