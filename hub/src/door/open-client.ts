/** From a registration to the client of its role. */
import type { Failure, Registration } from "@physical-ai/unity-protocol";
import type { ClientSocket } from "../socket-server.ts";
import { createRelayClient, type RelayClient, type RelayDependencies } from "./relay-client.ts";
import { createViewerClient, type ViewerClient, type ViewerDependencies } from "./viewer-client.ts";
import { createWorkerClient, type WorkerClient, type WorkerDependencies } from "./worker-client.ts";

/** A client that has registered. */
export type Client = RelayClient | WorkerClient | ViewerClient;

/** Makes the hub's side of a client; a failure when the registration asks for what cannot be. */
export type OpenClient = (socket: ClientSocket, registration: Registration, sender: string) => Client | Failure;

/** Makes clients on the hub's paths. */
export function createOpenClient(paths: RelayDependencies & WorkerDependencies & ViewerDependencies): OpenClient {
  return (socket, registration, sender) => {
    switch (registration.role) {
      case "relay":
        return createRelayClient(paths, socket, registration);
      case "brain_worker":
        return createWorkerClient(paths, socket, registration);
      case "viewer":
        return createViewerClient(paths, socket, registration, sender);
    }
  };
}
