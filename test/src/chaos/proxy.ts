/** A network that can be bad: a TCP proxy whose connections can be held, deafened, cut at a byte, or forgotten. */
import { once } from "node:events";
import { createServer, connect as openSocket, type Socket } from "node:net";

/** Where the bytes of one direction go: on, nowhere yet, or nowhere at all. */
type Passage = "open" | "held" | "swallowed";

/**
 * Looks at what is on its way to the server: how many bytes of it pass before the connection is cut, or undefined.
 * `connection` is the same for all chunks of one.
 */
export type Tripwire = (chunk: Buffer, connection: object) => number | undefined;

/** A proxy. Whoever opens it closes it. */
export interface TcpProxy {
  readonly port: number;
  /** New connections go there. */
  target: number;
  /** Decides the fate of bytes, also of connections that come later. */
  setPassage(passage: { toServer?: Passage; toClient?: Passage }): void;
  /** Everything passes again, except on connections that were forgotten. */
  heal(): void;
  /** Cuts all connections without a goodbye. */
  reset(): void;
  /** Says goodbye to the server in the clients' name; its answers still come through. */
  halfClose(): void;
  /** Nothing passes on the present connections any more, and nobody is told. */
  forget(): void;
  /** Cuts all connections to clients; what they had sent goes on to the server later, as from another life. */
  orphan(): { deliver(): void };
  /** Resolves when the wire has cut one connection. */
  trip(wire: Tripwire): Promise<void>;
  /** Takes a wire away that has not cut anything. */
  disarm(): void;
  close(): Promise<void>;
}

/** Opens a proxy in front of a port of this machine, at a port of its own: any free one for 0. */
export async function openProxy(target: number, port = 0): Promise<TcpProxy> {
  const links = new Set<Link>();
  /** Those that are out of reach of everything but `close`. */
  const forgotten = new Set<Link>();
  const passage: { toServer: Passage; toClient: Passage } = { toServer: "open", toClient: "open" };
  let wire: { trips: Tripwire; tripped: () => void } | undefined;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = openSocket({ port: proxy.target, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const link = new Link(client, upstream, tripsAt);
    links.add(link);
    link.set(passage);
    link.closed.then(() => links.delete(link));
  });

  function tripsAt(chunk: Buffer, connection: object): number | undefined {
    const bytes = wire?.trips(chunk, connection);
    if (bytes === undefined) return undefined;
    wire?.tripped();
    wire = undefined;
    return bytes;
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the proxy does not listen");

  const proxy: TcpProxy = {
    port: address.port,
    target,
    setPassage(change) {
      Object.assign(passage, change);
      for (const link of links) link.set(passage);
    },
    heal() {
      proxy.setPassage({ toServer: "open", toClient: "open" });
    },
    reset() {
      for (const link of links) link.reset();
    },
    halfClose() {
      for (const link of links) link.server.end();
    },
    forget() {
      for (const link of links) {
        links.delete(link);
        forgotten.add(link);
        link.set({ toServer: "held", toClient: "held" });
      }
    },
    orphan() {
      const orphans = [...links];
      for (const link of orphans) {
        links.delete(link);
        forgotten.add(link);
        link.set({ toServer: "held", toClient: "swallowed" });
        link.client.resetAndDestroy();
      }
      return {
        deliver() {
          for (const link of orphans) link.set({ toServer: "open", toClient: "swallowed" });
        },
      };
    },
    trip(trips) {
      return new Promise((tripped) => {
        wire = { trips, tripped };
      });
    },
    disarm() {
      wire = undefined;
    },
    async close() {
      server.close();
      for (const link of [...links, ...forgotten]) link.reset();
      await once(server, "close");
    },
  };
  return proxy;
}

/** One connection through the proxy. */
class Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly closed: Promise<unknown>;
  readonly #toServer: Pipe;
  readonly #toClient: Pipe;

  constructor(client: Socket, server: Socket, tripsAt: Tripwire) {
    this.client = client;
    this.server = server;
    this.#toServer = new Pipe(client, server, (chunk) => {
      const bytes = tripsAt(chunk, this);
      if (bytes === undefined) return chunk;
      client.resetAndDestroy();
      return chunk.subarray(0, bytes);
    });
    this.#toClient = new Pipe(server, client, (chunk) => chunk);
    this.closed = Promise.all(
      [client, server].map((socket) => new Promise((resolve) => socket.once("close", resolve))),
    );
  }

  set({ toServer, toClient }: { toServer: Passage; toClient: Passage }): void {
    this.#toServer.set(toServer);
    this.#toClient.set(toClient);
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }
}

/** One direction of a connection. What is held arrives later in the same order, its end included. */
class Pipe {
  readonly #to: Socket;
  readonly #inspect: (chunk: Buffer) => Buffer;
  #held: Buffer[] = [];
  #ended = false;
  #passage: Passage = "open";

  constructor(from: Socket, to: Socket, inspect: (chunk: Buffer) => Buffer) {
    this.#to = to;
    this.#inspect = inspect;
    from.on("data", (chunk) => {
      this.#held.push(chunk);
      this.#flush();
    });
    // A connection that breaks is closed, too, and that is all that the other side gets to know.
    from.on("error", () => undefined);
    for (const event of ["end", "close"]) {
      from.once(event, () => {
        this.#ended = true;
        this.#flush();
      });
    }
  }

  set(passage: Passage): void {
    this.#passage = passage;
    this.#flush();
  }

  #flush(): void {
    if (this.#passage === "held") return;
    for (const chunk of this.#held.splice(0)) {
      if (this.#passage === "open" && this.#to.writable) this.#to.write(this.#inspect(chunk));
    }
    if (this.#ended) this.#to.end();
  }
}
