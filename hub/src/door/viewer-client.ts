/** A viewer: gets what it asked for, and may ask robots to do things. */
import { type CommandAccepted, type Failure, failure, type Registration, validate } from "@physical-ai/unity-protocol";
import type { Commander } from "../commands/commander.ts";
import type { FanOut, Snapshot } from "../live/viewers.ts";
import type { ClientSocket } from "../socket-server.ts";
import { watchBackpressure } from "./backpressure.ts";
import type { ClientLimits } from "./limits.ts";
import { createTokenBucket } from "./token-bucket.ts";

/** A registered viewer. */
export interface ViewerClient {
  role: "viewer";
  /** Begins to send: first how things stand, then everything as it comes. */
  begin(): void;
  command(message: unknown): CommandAccepted | Failure;
  leave(): void;
}

export interface ViewerDependencies {
  fanOut: FanOut;
  commander: Commander;
  snapshot: () => Snapshot;
  limits: Pick<ClientLimits, "commandsPerSecond">;
}

/** Makes the hub's side of a viewer that has registered. `sender` is who its commands come from. */
export function createViewerClient(
  { fanOut, commander, snapshot, limits }: ViewerDependencies,
  socket: ClientSocket,
  registration: Registration & { role: "viewer" },
  sender: string,
): ViewerClient {
  const backpressure = watchBackpressure(socket, () => viewer.outbox.flush());
  const viewer = fanOut.add(
    {
      get writable() {
        return backpressure.writable;
      },
      sendPacket(packet) {
        socket.emit("update_data", packet);
      },
      sendCommandUpdate(update) {
        socket.emit("command_update", update);
      },
      sendRobotStatus(status) {
        socket.emit("robot_status", status);
      },
      sendPayloadSchema(change) {
        socket.emit("payload_schema", change);
      },
    },
    registration.filter,
  );

  const commandRate = createTokenBucket(limits.commandsPerSecond);

  return {
    role: "viewer",
    begin: () => viewer.show(snapshot()),
    command(message) {
      const request = validate.commandRequest(message);
      if (!request.ok) return failure("invalid_message", request.problem);
      if (!commandRate.take()) {
        return failure("overloaded", `expected at most ${limits.commandsPerSecond} commands a second; more came`);
      }
      return commander.request(request.value, { sender });
    },
    leave() {
      backpressure.stop();
      fanOut.remove(viewer);
    },
  };
}
