/** How a client says who it is, and what it wants. */
import Type from "typebox";
import { CommittedSeq, EpochMs, Identifier, Uuid } from "./scalars.ts";

/** The newest protocol version that this code speaks. Legacy clients have none. */
export const protocolVersion = 1;

export const Role = Type.Enum(["relay", "brain_worker", "viewer"]);
export type Role = Type.Static<typeof Role>;

/**
 * `latest`: while the worker is busy only the newest packet of each robot and type waits.
 * `every`: a bounded queue; what overflows is counted in the next packet's `gap`.
 */
export const Delivery = Type.Enum(["latest", "every"]);
export type Delivery = Type.Static<typeof Delivery>;

const maxRobots = 10_000;
const maxTypes = 200;
const maxPolicies = 100;

/** What one policy of a worker wants to receive. */
export const PolicySubscription = Type.Object({
  name: Identifier,
  types: Type.Array(Identifier, { minItems: 1, maxItems: maxTypes }),
  /** All robots when missing. */
  robot_types: Type.Optional(Type.Array(Identifier, { minItems: 1, maxItems: maxTypes })),
  delivery: Delivery,
});
export type PolicySubscription = Type.Static<typeof PolicySubscription>;

/** What a viewer wants to receive: everything when a list is missing. */
export const ViewerFilter = Type.Object({
  robots: Type.Optional(Type.Array(Identifier, { maxItems: maxRobots })),
  types: Type.Optional(Type.Array(Identifier, { maxItems: maxTypes })),
  /** At most so many updates a second of each robot and type; the newest value waits. */
  max_hz: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
});
export type ViewerFilter = Type.Static<typeof ViewerFilter>;

const anyClient = {
  id: Identifier,
  robot_type: Type.Optional(Identifier),
  protocol: Type.Optional(Type.Integer({ minimum: 1 })),
};

const RelayRegistration = Type.Object({
  role: Type.Literal("relay"),
  ...anyClient,
  /** The relay's stream: the acknowledgement then says where to resume. */
  stream_id: Type.Optional(Uuid),
  /** The robots beside the relay, so that commands find them before their first packet. */
  robots: Type.Optional(Type.Array(Identifier, { maxItems: maxRobots })),
});

const WorkerRegistration = Type.Object({
  role: Type.Literal("brain_worker"),
  ...anyClient,
  /** Missing in legacy workers: they get every packet of their `robot_type`. */
  policies: Type.Optional(Type.Array(PolicySubscription, { maxItems: maxPolicies })),
  /**
   * The types of robots whose commands this worker turns into bytes: they come as `generate_hex`. Legacy workers do so
   * for legacy relays, where they have the same `robot_type`.
   */
  generates_hex: Type.Optional(Type.Array(Identifier, { maxItems: maxTypes })),
});

const ViewerRegistration = Type.Object({
  role: Type.Literal("viewer"),
  ...anyClient,
  filter: Type.Optional(ViewerFilter),
});

/** What each role says of itself. */
export const registrations = {
  relay: RelayRegistration,
  brain_worker: WorkerRegistration,
  viewer: ViewerRegistration,
} as const;

/** any → hub, once after each connect. */
export const Registration = Type.Union([RelayRegistration, WorkerRegistration, ViewerRegistration], {
  $id: "registration",
});
export type Registration = Type.Static<typeof Registration>;

/** The acknowledgement of `register`. */
export const Registered = Type.Object(
  {
    ok: Type.Literal(true),
    protocol: Type.Integer({ minimum: 1 }),
    /** The hub's clock. */
    server_time: EpochMs,
    /** For a relay with a stream: resume at `committed_seq + 1`. */
    committed_seq: Type.Optional(CommittedSeq),
  },
  { $id: "registered" },
);
export type Registered = Type.Static<typeof Registered>;
