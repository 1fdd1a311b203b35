/** Which subscription gets which packet: for each policy that wants it one worker, of all hubs. */
import type { Packet, PolicySubscription } from "@physical-ai/unity-protocol";
import { compositeKey } from "../../packet.ts";
import { chooseByRendezvous } from "./rendezvous.ts";

/** One policy of one worker, here or at another hub. */
export interface Candidate {
  /** Its name among all hubs. */
  id: string;
  workerId: string;
  policy: PolicySubscription;
  hangs: boolean;
}

/** Remembers routes. */
export interface Routes<C extends Candidate> {
  of(packet: Packet): readonly C[];
  /** To be called when the candidates have changed. */
  forget(): void;
}

const maxRememberedRoutes = 100_000;

/** Makes the routes over whatever `candidates` yields. */
export function createRoutes<C extends Candidate>(candidates: () => Iterable<C>): Routes<C> {
  const known = new Map<string, readonly C[]>();

  function find(packet: Packet): readonly C[] {
    const byPolicy = new Map<string, C[]>();
    for (const candidate of candidates()) {
      if (!wants(candidate.policy, packet)) continue;
      const rivals = byPolicy.get(candidate.policy.name);
      if (rivals === undefined) byPolicy.set(candidate.policy.name, [candidate]);
      else rivals.push(candidate);
    }
    return [...byPolicy.values()].flatMap(
      (rivals) => chooseByRendezvous(packet.robot_id, preferAwake(rivals), ({ workerId }) => workerId) ?? [],
    );
  }

  return {
    of(packet) {
      const key = compositeKey(compositeKey(packet.robot_id, packet.robot_type), packet.type);
      const remembered = known.get(key);
      if (remembered !== undefined) return remembered;
      const route = find(packet);
      if (known.size >= maxRememberedRoutes) known.clear();
      known.set(key, route);
      return route;
    },
    forget: () => known.clear(),
  };
}

/** One that hangs is better than none: its mailbox is bounded, and it may come back. */
function preferAwake<C extends Candidate>(candidates: readonly C[]): readonly C[] {
  const awake = candidates.filter(({ hangs }) => !hangs);
  return awake.length > 0 ? awake : candidates;
}

function wants({ types, robot_types }: PolicySubscription, packet: Packet): boolean {
  return types.includes(packet.type) && (robot_types === undefined || robot_types.includes(packet.robot_type));
}
