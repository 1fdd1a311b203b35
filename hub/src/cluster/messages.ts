/**
 * What hubs tell each other, and the channel that carries it. The words are the domain's (`live/`, `commands/`); the
 * schemas here are held to its types.
 *
 * Terms: a hub's *state* is what the others must know of it to route by themselves: its robots, its workers, and what
 * its viewers want. A worker's *subscription* is one policy with its mailbox.
 */
import {
  CommandRequest,
  CommandUpdate,
  compileDiscriminated,
  Packet,
  PolicySubscription,
  RobotStatus,
  ViewerFilter,
} from "@physical-ai/unity-protocol";
import Type from "typebox";
import type { ForwardedCommand } from "../commands/command.ts";
import type { HubState } from "../live/live.ts";
import type { NewestValue } from "../live/newest-values.ts";

/**
 * Carries messages to all other hubs: at most once, in the order of one sender, and soon or never.
 *
 * It MUST NOT throw, wait, or hold more than a bounded amount while the way is blocked: it drops and counts.
 */
export interface HubChannel {
  /** Returns false when the message was dropped at once. */
  publish(message: HubMessage): boolean;
  /** The one who hears every message of the others; each has passed the validator. */
  onMessage(hear: (message: HubMessage) => void): void;
  readonly dropped: number;
  /** Sends what is under way, as far as that is quick. */
  close(): Promise<void>;
}

const stateBody = {
  robots: Type.Array(
    Type.Object({
      robot_id: Type.String(),
      robot_type: Type.Optional(Type.String()),
      status: RobotStatus.properties.status,
      relay_id: Type.String(),
      last_seen: Type.Optional(Type.Number()),
      data_types: Type.Array(Type.String()),
    }),
  ),
  workers: Type.Array(
    Type.Object({
      worker_id: Type.String(),
      robot_type: Type.Optional(Type.String()),
      subscriptions: Type.Array(Type.Object({ id: Type.String(), policy: PolicySubscription, hangs: Type.Boolean() })),
    }),
  ),
  viewers: Type.Array(ViewerFilter),
};

/** A packet on the live path, and the subscriptions that the hub which took it in chose for it. */
const LivePacketSchema = Type.Object({
  packet: Packet,
  received_at: Type.Number(),
  stream_id: Type.Optional(Type.String()),
  seq: Type.Optional(Type.Number()),
  to: Type.Optional(Type.Array(Type.String())),
});
export type LivePacket = Type.Static<typeof LivePacketSchema>;

const NewestValueSchema = Type.Object({ packet: Packet, received_at: Type.Number() });

const ForwardedCommandSchema = Type.Object({
  request: Type.Intersect([CommandRequest, Type.Object({ command_id: Type.String(), ttl_ms: Type.Number() })]),
  expires_at: Type.Number(),
  sender: Type.String(),
  stream_id: Type.Optional(Type.String()),
  seq: Type.Optional(Type.Number()),
});

/** Does not compile where a schema and the domain's type part, in whichever direction. */
type Same<Wire, Domain> = [Wire, Domain] extends [Domain, Wire] ? true : never;
const _held: [
  Same<Type.Static<Type.TObject<typeof stateBody>>, HubState>,
  Same<Type.Static<typeof NewestValueSchema>, NewestValue>,
  Same<Type.Static<typeof ForwardedCommandSchema>, ForwardedCommand>,
] = [true, true, true];

const from = { from: Type.String({ minLength: 1 }) };

const hubMessages = {
  /** Sent every second, which makes it the heartbeat, and after each change. */
  state: Type.Object({ kind: Type.Literal("state"), ...from, ...stateBody }),
  /** The hub stops. */
  leave: Type.Object({ kind: Type.Literal("leave"), ...from }),
  /** What a hub took in and others want. */
  packets: Type.Object({ kind: Type.Literal("packets"), ...from, packets: Type.Array(LivePacketSchema) }),
  /** To a hub whose viewers want something for the first time. */
  newest: Type.Object({
    kind: Type.Literal("newest"),
    ...from,
    to: Type.String(),
    values: Type.Array(NewestValueSchema),
  }),
  prediction: Type.Object({ kind: Type.Literal("prediction"), ...from, packet: Packet }),
  command: Type.Object({ kind: Type.Literal("command"), ...from, to: Type.String(), command: ForwardedCommandSchema }),
  command_update: Type.Object({
    kind: Type.Literal("command_update"),
    ...from,
    /** Only for the hub that asked again; for all when missing. */
    to: Type.Optional(Type.String()),
    update: CommandUpdate,
  }),
} as const;

/** Hub → hubs. */
export type HubMessage = Type.Static<(typeof hubMessages)[keyof typeof hubMessages]>;

/** Checks what came from another hub. */
export const validateHubMessage = compileDiscriminated("a message of another hub", "kind", hubMessages);
