/**
 * What hubs tell each other.
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

/** A robot whose relay is connected to the hub that says so. */
export const RemoteRobot = Type.Object({
  robot_id: Type.String(),
  robot_type: Type.Optional(Type.String()),
  /** `offline`: its relay is there, but the robot has not spoken. */
  status: RobotStatus.properties.status,
  relay_id: Type.String(),
  /** Epoch milliseconds of its last packet. */
  last_seen: Type.Optional(Type.Number()),
  data_types: Type.Array(Type.String()),
});
export type RemoteRobot = Type.Static<typeof RemoteRobot>;

/** A worker that is connected to the hub that says so. */
export const RemoteWorker = Type.Object({
  worker_id: Type.String(),
  /** Workers of before: they get every packet of this type. */
  robot_type: Type.Optional(Type.String()),
  subscriptions: Type.Array(
    Type.Object({
      /** Its name among all hubs: packets are addressed to it. */
      id: Type.String(),
      policy: PolicySubscription,
      /** It has not asked for more for long: others get its robots until it does. */
      hangs: Type.Boolean(),
    }),
  ),
});
export type RemoteWorker = Type.Static<typeof RemoteWorker>;

const stateBody = {
  robots: Type.Array(RemoteRobot),
  workers: Type.Array(RemoteWorker),
  /** A packet that none of these lets through is wanted by no viewer of the hub. */
  viewers: Type.Array(ViewerFilter),
};

/** What the others must know of a hub. */
export const HubState = Type.Object(stateBody);
export type HubState = Type.Static<typeof HubState>;

/** A packet on the live path, and the subscriptions that the hub which took it in chose for it. */
export const LivePacket = Type.Object({
  packet: Packet,
  received_at: Type.Number(),
  stream_id: Type.Optional(Type.String()),
  seq: Type.Optional(Type.Number()),
  to: Type.Optional(Type.Array(Type.String())),
});
export type LivePacket = Type.Static<typeof LivePacket>;

/** A value as it stands, for viewers that come. */
export const NewestValue = Type.Object({ packet: Packet, received_at: Type.Number() });
export type NewestValue = Type.Static<typeof NewestValue>;

/** A command for the hub that has the robot's relay. */
export const ForwardedCommand = Type.Object({
  request: Type.Intersect([CommandRequest, Type.Object({ command_id: Type.String(), ttl_ms: Type.Number() })]),
  /** Epoch milliseconds on the asking hub's clock. */
  expires_at: Type.Number(),
  sender: Type.String(),
  stream_id: Type.Optional(Type.String()),
  seq: Type.Optional(Type.Number()),
});
export type ForwardedCommand = Type.Static<typeof ForwardedCommand>;

const from = { from: Type.String({ minLength: 1 }) };

const hubMessages = {
  /** Sent every second, which makes it the heartbeat, and after each change. */
  state: Type.Object({ kind: Type.Literal("state"), ...from, ...stateBody }),
  /** The hub stops. */
  leave: Type.Object({ kind: Type.Literal("leave"), ...from }),
  /** What a hub took in and others want. */
  packets: Type.Object({ kind: Type.Literal("packets"), ...from, packets: Type.Array(LivePacket) }),
  /** To a hub whose viewers want something for the first time. */
  newest: Type.Object({ kind: Type.Literal("newest"), ...from, to: Type.String(), values: Type.Array(NewestValue) }),
  prediction: Type.Object({ kind: Type.Literal("prediction"), ...from, packet: Packet }),
  command: Type.Object({ kind: Type.Literal("command"), ...from, to: Type.String(), command: ForwardedCommand }),
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
