/** Socket.IO clients: who is let in, and who is here. */
import { RateLimit } from "@physical-ai/service";
import { ErrorCode, type Role } from "@physical-ai/unity-protocol";
import type { HubServer } from "../socket-server.ts";
import { createTally } from "../tally.ts";
import type { Access } from "./access/access.ts";
import { attendClient, type ClientDependencies } from "./events.ts";

interface ClientsDependencies extends Omit<ClientDependencies, "present" | "refusals" | "now"> {
  io: HubServer;
  access: Access;
  now?: () => number;
}

/** Who is here. */
export interface Clients {
  readonly present: Readonly<Record<Role, number>>;
  /** Messages that were answered with a failure, by its code. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** Clients that are turned away try again and again. */
const tellEveryMs = 60_000;

/** Attends to every client of the server. */
export function attendClients({ io, access, now = Date.now, ...dependencies }: ClientsDependencies): Clients {
  const { turnedAway, logger } = dependencies;
  const present = { relay: 0, brain_worker: 0, viewer: 0 };
  const refusals = createTally(ErrorCode.enum);
  const limit = new RateLimit(tellEveryMs);
  function tellOfStranger(address: string, problem: string): void {
    if (!limit.allows("stranger")) return;
    logger.warn({ address, problem, turned_away: turnedAway.counts["unauthorized"] }, "turned away a client");
  }

  io.use(async (socket, next) => {
    try {
      const visitor = await access.admit(socket.handshake.auth["token"]);
      if (visitor.kind === "refused") {
        turnedAway.add("unauthorized");
        tellOfStranger(socket.handshake.address, visitor.reason);
        return next(new Error(`unauthorized: ${visitor.reason}`));
      }
      socket.data.visitor = visitor;
      next();
    } catch (error) {
      logger.error({ err: error }, "could not check a client's token");
      turnedAway.add("unavailable");
      next(new Error("unavailable: the hub could not check the token; try again"));
    }
  });
  io.on("connection", (socket) => attendClient(socket, { ...dependencies, present, refusals, now }));
  return {
    present,
    get refusals() {
      return refusals.counts;
    },
  };
}
