/** The hub's Socket.IO server: what goes over it, to clients and to other hubs. */
import type { ClientToHubEvents, HubToClientEvents } from "@physical-ai/unity-protocol";
import type { Server, Socket } from "socket.io";
import type { Visitor } from "./door/access/access.ts";

/** What a socket carries from its handshake on. */
interface SocketData {
  visitor: Visitor;
}

/** Between hubs; see `cluster/messages.ts`. */
interface HubToHubEvents {
  hub_to_hub: (message: unknown) => void;
}

export type HubServer = Server<ClientToHubEvents, HubToClientEvents, HubToHubEvents, SocketData>;

/** The hub's end of a client's connection. */
export type ClientSocket = Socket<ClientToHubEvents, HubToClientEvents, HubToHubEvents, SocketData>;
