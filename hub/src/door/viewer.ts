/** A viewer: gets what it asked for, and may ask robots to do things. */
import { type CommandAccepted, type Failure, failure, type Registration, validate } from "@physical-ai/unity-protocol";
import type { Commander } from "../commands/commander.ts";
import type { FanOut, Snapshot, Viewer, ViewerSocket } from "../live/viewers.ts";
import { type ClientLimits, TokenBucket } from "./client-limits.ts";
import { Backpressure, type ClientSocket } from "./socket.ts";

export interface ViewerDependencies {
  fanOut: FanOut;
  commander: Commander;
  snapshot: () => Snapshot;
  limits: Pick<ClientLimits, "commandsPerSecond">;
}

/** The hub's side of a viewer that has registered. */
export class ViewerClient {
  readonly role = "viewer";
  readonly #dependencies: ViewerDependencies;
  readonly #sender: string;
  readonly #backpressure: Backpressure;
  readonly #viewer: Viewer;
  readonly #commandRate: TokenBucket;

  /** @param sender who its commands come from */
  constructor(
    dependencies: ViewerDependencies,
    socket: ClientSocket,
    { filter }: Registration & { role: "viewer" },
    sender: string,
  ) {
    this.#dependencies = dependencies;
    this.#sender = sender;
    this.#backpressure = new Backpressure(socket, () => this.#viewer.outbox.flush());
    this.#viewer = dependencies.fanOut.add(viewerSocketOf(socket, this.#backpressure), filter);
    this.#commandRate = new TokenBucket(dependencies.limits.commandsPerSecond);
  }

  /** Begins to send: first how things stand, then everything as it comes. */
  begin(): void {
    this.#viewer.show(this.#dependencies.snapshot());
  }

  command(message: unknown): CommandAccepted | Failure {
    const { commander, limits } = this.#dependencies;
    const request = validate.commandRequest(message);
    if (!request.ok) return failure("invalid_message", request.problem);
    if (!this.#commandRate.take()) {
      return failure("overloaded", `expected at most ${limits.commandsPerSecond} commands a second; more came`);
    }
    return commander.request(request.value, { sender: this.#sender });
  }

  leave(): void {
    this.#backpressure.stop();
    this.#dependencies.fanOut.remove(this.#viewer);
  }
}

function viewerSocketOf(socket: ClientSocket, backpressure: Backpressure): ViewerSocket {
  return {
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
  };
}
