/** From the hub to every viewer that asked: live and bounded. */
import type {
  CommandUpdate,
  Packet,
  PayloadSchemaChange,
  RobotStatus,
  ViewerFilter,
} from "@physical-ai/unity-protocol";
import { predictionType } from "@physical-ai/unity-protocol";
import { createAudiences } from "./audiences.ts";
import { compileFilter, summariseFilters } from "./filter.ts";
import { createOutbox, type ViewerLink } from "./outbox.ts";

/** How the fan-out reaches one viewer. */
export interface ViewerSocket extends ViewerLink {
  sendCommandUpdate(update: CommandUpdate): void;
  sendRobotStatus(status: RobotStatus): void;
  sendPayloadSchema(change: PayloadSchemaChange): void;
}

/** How things stand when a viewer comes. */
export interface Snapshot {
  statuses: Iterable<RobotStatus>;
  packets: Iterable<Packet>;
  schemaChanges: Iterable<PayloadSchemaChange>;
}

/** One viewer's place in the fan-out. */
export interface Viewer {
  /** Sends it how things stand, as far as its filter lets that through. */
  show(snapshot: Snapshot): void;
  /** The connection has drained. */
  drained(): void;
  leave(): void;
}

/** Sends to viewers. */
export interface FanOut {
  add(socket: ViewerSocket, filter: ViewerFilter | undefined): Viewer;
  telemetry(packet: Packet): void;
  prediction(packet: Packet): void;
  commandUpdate(update: CommandUpdate): void;
  robotStatus(status: RobotStatus): void;
  /** It is about no robot alone: whoever wants the data type of any robot is told. */
  payloadSchema(change: PayloadSchemaChange): void;
  /** What the viewers asked for, in few words. */
  filters(): ViewerFilter[];
  readonly stats: { viewers: number; dropped: number };
}

const maxEventsPerViewer = 1_000;

/** Makes a fan-out without viewers. */
export function createFanOut(): FanOut {
  const viewers = new Set<Subscriber>();
  const audiences = createAudiences(viewers);
  let droppedByGone = 0;

  function broadcast(robotId: string, type: string | undefined, put: (viewer: Subscriber) => void): void {
    for (const viewer of audiences.of(robotId, type)) put(viewer);
  }

  return {
    add(socket, filter = {}) {
      const viewer = createSubscriber(socket, filter);
      viewers.add(viewer);
      audiences.forget();
      return {
        show({ statuses, packets, schemaChanges }) {
          for (const status of statuses) {
            if (viewer.wants(status.id, undefined)) viewer.outbox.putEvent(() => socket.sendRobotStatus(status));
          }
          for (const change of schemaChanges) tellChange(viewer, change);
          for (const packet of packets) if (viewer.wants(packet.robot_id, packet.type)) viewer.outbox.putLatest(packet);
        },
        drained: () => viewer.outbox.flush(),
        leave() {
          if (viewers.delete(viewer)) droppedByGone += viewer.outbox.dropped;
          audiences.forget();
          viewer.outbox.close();
        },
      };
    },
    telemetry: (packet) => broadcast(packet.robot_id, packet.type, (viewer) => viewer.outbox.putLatest(packet)),
    prediction: (packet) =>
      broadcast(packet.robot_id, predictionType, ({ outbox, socket }) =>
        outbox.putEvent(() => socket.sendPacket(packet)),
      ),
    commandUpdate: (update) =>
      broadcast(update.robot_id, undefined, ({ outbox, socket }) =>
        outbox.putEvent(() => socket.sendCommandUpdate(update)),
      ),
    robotStatus: (status) =>
      broadcast(status.id, undefined, ({ outbox, socket }) => outbox.putEvent(() => socket.sendRobotStatus(status))),
    payloadSchema(change) {
      for (const viewer of viewers) tellChange(viewer, change);
    },
    filters: () => summariseFilters([...viewers].map(({ filter }) => filter)),
    get stats() {
      let dropped = droppedByGone;
      for (const { outbox } of viewers) dropped += outbox.dropped;
      return { viewers: viewers.size, dropped };
    },
  };
}

type Subscriber = ReturnType<typeof createSubscriber>;

function tellChange({ filter, outbox, socket }: Subscriber, change: PayloadSchemaChange): void {
  if (filter.robots?.length === 0 || filter.types?.includes(change.type) === false) return;
  outbox.putEvent(() => socket.sendPayloadSchema(change));
}

function createSubscriber(socket: ViewerSocket, filter: ViewerFilter) {
  return {
    socket,
    filter,
    outbox: createOutbox(socket, { maxHz: filter.max_hz, maxEvents: maxEventsPerViewer }),
    wants: compileFilter(filter),
  };
}
