/** Ends connections that do not read what they asked for: Node.js would keep it for them without bound. */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Watches the connections of a server, below HTTP and WebSocket. */
export interface ConnectionGuard {
  /** Ends those that have left too much unread; to be called about every second. */
  tick(): void;
}

/** Makes the guard of a server. */
export function guardConnections(server: Server, maxUnreadBytes: number): ConnectionGuard {
  const connections = new Set<Socket>();
  server.on("connection", (connection: Socket) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  return {
    tick() {
      for (const connection of connections) if (connection.writableLength > maxUnreadBytes) connection.destroy();
    },
  };
}
