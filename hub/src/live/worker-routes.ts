/** Which subscription gets which packet: for each policy that wants it one worker, of all hubs. */
import type { Packet, PolicySubscription } from "@physical-ai/unity-protocol";
import { compositeKey } from "../packet.ts";
import { chooseByRendezvous } from "../rendezvous.ts";

/** One policy of one worker, here or at another hub. */
export interface Candidate {
  /** Its name among all hubs: packets are addressed to it. */
  readonly id: string;
  readonly workerId: string;
  readonly policy: PolicySubscription;
  /** It has not asked for more for long: others get its robots until it does. */
  readonly hangs: boolean;
}

const maxRememberedRoutes = 100_000;

/** Finds and remembers routes over whatever `candidates` yields. */
export class Routes<C extends Candidate> {
  readonly #candidates: () => Iterable<C>;
  readonly #known = new Map<string, readonly C[]>();

  constructor(candidates: () => Iterable<C>) {
    this.#candidates = candidates;
  }

  of(packet: Packet): readonly C[] {
    const key = compositeKey(compositeKey(packet.robot_id, packet.robot_type), packet.type);
    const remembered = this.#known.get(key);
    if (remembered !== undefined) return remembered;
    const route = this.#find(packet);
    if (this.#known.size >= maxRememberedRoutes) this.#known.clear();
    this.#known.set(key, route);
    return route;
  }

  /** To be called when the candidates have changed. */
  forget(): void {
    this.#known.clear();
  }

  #find(packet: Packet): readonly C[] {
    const byPolicy = new Map<string, C[]>();
    for (const candidate of this.#candidates()) {
      if (!wants(candidate.policy, packet)) continue;
      const rivals = byPolicy.get(candidate.policy.name);
      if (rivals === undefined) byPolicy.set(candidate.policy.name, [candidate]);
      else rivals.push(candidate);
    }
    return [...byPolicy.values()].flatMap(
      (rivals) => chooseByRendezvous(packet.robot_id, preferAwake(rivals), ({ workerId }) => workerId) ?? [],
    );
  }
}

/** One that hangs is better than none: its mailbox is bounded, and it may come back. */
function preferAwake<C extends Candidate>(candidates: readonly C[]): readonly C[] {
  const awake = candidates.filter(({ hangs }) => !hangs);
  return awake.length > 0 ? awake : candidates;
}

function wants({ types, robot_types }: PolicySubscription, packet: Packet): boolean {
  return types.includes(packet.type) && (robot_types === undefined || robot_types.includes(packet.robot_type));
}
