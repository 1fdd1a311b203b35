/** From a registration to the client of its role. */
import type { Failure, Registration } from "@physical-ai/unity-protocol";
import type { ClientSocket } from "../socket-server.ts";
import {
  createRelayClient,
  type RelayClient,
  type RelayDependencies,
  type RelayRegistration,
  RelaySocketLink,
} from "./relay-client.ts";
import { createViewerClient, type ViewerClient, type ViewerDependencies } from "./viewer-client.ts";
import {
  createWorkerClient,
  takeWorkerPlace,
  type WorkerClient,
  type WorkerDependencies,
  type WorkerRegistration,
} from "./worker-client.ts";

/** A client that has registered. */
export type Client = RelayClient | WorkerClient | ViewerClient;

/** Makes the hub's side of a client; a failure when the registration asks for what cannot be. */
export type OpenClient = (socket: ClientSocket, registration: Registration, sender: string) => Client | Failure;

/** Makes the clients that name no protocol. */
export interface OpenLegacyClient {
  relay(socket: ClientSocket, registration: RelayRegistration): RelayClient;
  worker(socket: ClientSocket, registration: WorkerRegistration): WorkerClient | Failure;
}

/** Makes clients on the hub's paths. Nothing behind it asks how old a client is. */
export function createOpenClient(
  paths: RelayDependencies & WorkerDependencies & ViewerDependencies,
  legacy: OpenLegacyClient,
): OpenClient {
  return (socket, registration, sender) => {
    const isLegacy = registration.protocol === undefined;
    switch (registration.role) {
      case "relay":
        if (isLegacy) return legacy.relay(socket, registration);
        return createRelayClient(paths, registration, new RelaySocketLink(socket, registration.id));
      case "brain_worker":
        if (isLegacy) return legacy.worker(socket, registration);
        return createWorkerClient(paths, registration.id, takeWorkerPlace(paths, socket, registration));
      case "viewer":
        return createViewerClient(paths, socket, registration, sender);
    }
  };
}
