/** The hub's Socket.IO server: what it takes, whom it lets in, and who is here. */
import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { RateLimit } from "@physical-ai/service";
import { ErrorCode, maxBinariesPerPacket, maxPacketsPerBatch, type Role } from "@physical-ai/unity-protocol";
import type { Logger } from "pino";
import { Server, type ServerOptions } from "socket.io";
import { Decoder, Encoder } from "socket.io-parser";
import { Tally } from "../observations.ts";
import { type Access, type AccessOptions, isWelcomePage } from "./access/access.ts";
import { ClientConnection, type ConnectionDependencies } from "./client.ts";
import type { TurnedAway } from "./client-limits.ts";
import type { HubServer } from "./socket.ts";

/** Of one frame: the text of a message, or one of its attachments. */
const maxFrameBytes = 4_000_000;

/** Of a message with all its attachments. */
const maxMessageBytes = 16_000_000;

/** Attachments come one by one: without a bound a message that never ends would fill the memory. */
class BoundedDecoder extends Decoder {
  #bytes = 0;

  constructor() {
    super({ maxAttachments: maxPacketsPerBatch * maxBinariesPerPacket });
    this.on("decoded", () => {
      this.#bytes = 0;
    });
  }

  /** What it throws closes the connection. */
  override add(frame: string | Uint8Array): void {
    this.#bytes += frame.length;
    if (this.#bytes > maxMessageBytes) {
      throw new Error(`expected a message of at most ${maxMessageBytes} bytes with its attachments; more came`);
    }
    super.add(frame);
  }
}

/** A server that does not listen yet. */
export function createSocketServer(access: AccessOptions, turnedAway: TurnedAway, logger: Logger): HubServer {
  return new Server({
    maxHttpBufferSize: maxFrameBytes,
    parser: { Encoder, Decoder: BoundedDecoder },
    ...pageRules(access, turnedAway, logger),
  });
}

/** Anybody may send any origin. */
const maxOriginsSaid = 100;

/**
 * Whose scripts may connect, and whose may read what polling answers. Where clients need a token that is enough: a strange
 * page has none.
 */
function pageRules(
  { allowAnonymous, allowedOrigins = [] }: AccessOptions,
  turnedAway: TurnedAway,
  logger: Logger,
): Pick<ServerOptions, "allowRequest" | "cors"> {
  /** A page that may not connect tries again and again. */
  const said = new Set<string>();
  return {
    cors: { origin: [...allowedOrigins] },
    allowRequest({ headers }, answer) {
      if (!allowAnonymous || isWelcomePage(headers, allowedOrigins)) return answer(null, true);
      turnedAway.add("origin");
      const { origin = "", host } = headers;
      if (!said.has(origin) && said.size < maxOriginsSaid) {
        said.add(origin);
        logger.warn({ origin, host }, "pages of another origin may not connect");
      }
      answer(`pages of ${origin} may not connect; the hub's operator can allow them with ALLOWED_ORIGINS`, false);
    },
  };
}

interface AttendDependencies extends Omit<ConnectionDependencies, "present" | "refusals" | "now"> {
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

/** Attends to every client of the server. */
export function attendClients({ io, access, now = Date.now, ...dependencies }: AttendDependencies): Clients {
  const present = { relay: 0, brain_worker: 0, viewer: 0 };
  const refusals = new Tally(ErrorCode.enum);
  letIn(io, access, dependencies);
  io.on("connection", (socket) => {
    new ClientConnection(socket, { ...dependencies, present, refusals, now });
  });
  return {
    present,
    get refusals() {
      return refusals.counts;
    },
  };
}

/** Clients that are turned away try again and again. */
const tellEveryMs = 60_000;

/** Those whom their token lets in, or the operator without one. */
function letIn(
  io: HubServer,
  access: Access,
  { turnedAway, logger }: { turnedAway: TurnedAway; logger: Logger },
): void {
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
}

/** Ends connections that do not read what they asked for: Node.js would keep it for them without bound. */
export class ConnectionGuard {
  readonly #connections = new Set<Socket>();
  readonly #maxUnreadBytes: number;

  /** Watches the connections of a server, below HTTP and WebSocket. */
  constructor(server: HttpServer, maxUnreadBytes: number) {
    this.#maxUnreadBytes = maxUnreadBytes;
    server.on("connection", (connection: Socket) => {
      this.#connections.add(connection);
      connection.once("close", () => this.#connections.delete(connection));
    });
  }

  /** Ends those that have left too much unread; to be called about every second. */
  tick(): void {
    for (const connection of this.#connections) {
      if (connection.writableLength > this.#maxUnreadBytes) connection.destroy();
    }
  }
}
