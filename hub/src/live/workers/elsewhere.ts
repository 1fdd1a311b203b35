/** The workers of other hubs, as these say. */
import type { RemoteWorker } from "../../cluster/messages.ts";
import type { Candidate } from "./routes.ts";

/** Keeps what other hubs said last. */
export interface WorkersElsewhere {
  /** All workers of a hub; none when it is gone. Returns which it had before, `undefined` when nothing has changed. */
  set(hubId: string, workers: readonly RemoteWorker[]): readonly RemoteWorker[] | undefined;
  candidates(): Iterable<Candidate>;
}

/** Makes an empty register. */
export function createWorkersElsewhere(): WorkersElsewhere {
  const hubs = new Map<string, { workers: readonly RemoteWorker[]; said: string; candidates: Candidate[] }>();
  return {
    set(hubId, workers) {
      const before = hubs.get(hubId);
      const said = JSON.stringify(workers);
      if (said === (before?.said ?? "[]")) return undefined;
      if (workers.length === 0) hubs.delete(hubId);
      else hubs.set(hubId, { workers, said, candidates: workers.flatMap(candidatesOf) });
      return before?.workers ?? [];
    },
    *candidates() {
      for (const { candidates } of hubs.values()) yield* candidates;
    },
  };
}

function candidatesOf({ worker_id, subscriptions }: RemoteWorker): Candidate[] {
  return subscriptions.map((subscription) => ({ ...subscription, workerId: worker_id }));
}
