/** A small HTTP server beside a process's work: is it well, and what has it done? */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { messageOf } from "./errors.ts";
import type { ServiceConfig } from "./options/shared.ts";

/**
 * How a process is. `ok` answers one question: can it do its part? It is false while the process starts, and when
 * starting it anew would help. That something else is away is a fact beside it (`registered: false`): nothing is to be
 * started anew for another's fault.
 */
export type Health = ({ ok: true } | { ok: false; problem: string }) & Readonly<Record<string, unknown>>;

interface StatusDependencies {
  health: () => Health | Promise<Health>;
  registry: Registry;
  logger: Logger;
}

export interface StatusServer {
  close(): Promise<void>;
}

/** A request that takes longer to arrive is none. */
const requestTimeoutMs = 10_000;

/**
 * Serves `GET /healthz` (200 or 503, with the health as JSON) and `GET /metrics` (Prometheus' text) without access
 * control, or nothing when there is no `statusPort`. A process whose event loop stands still does not answer at all.
 * Whoever opens it closes it.
 *
 * @throws when the address is taken
 */
export async function openStatusServer(
  dependencies: StatusDependencies,
  { statusHost: host, statusPort: port }: Pick<ServiceConfig, "statusHost" | "statusPort">,
): Promise<StatusServer> {
  if (port === undefined) return { close: async () => undefined };
  const server = createServer({ requestTimeout: requestTimeoutMs }, answer(dependencies));
  server.listen({ host, port });
  // It tells of the work, and ends with it.
  server.unref();
  await once(server, "listening").catch((cause) => {
    throw new Error(`cannot listen on --status-port ${host}:${port}: ${messageOf(cause)}. Choose another one.`, {
      cause,
    });
  });
  dependencies.logger.info({ url: urlOf(server, host) }, "status port is open");
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function answer({ health, registry }: StatusDependencies): RequestListener {
  return async (request, response) => {
    const say = (code: number, type: string, text: string) =>
      response.writeHead(code, { "content-type": type }).end(request.method === "HEAD" ? undefined : text);
    try {
      const [pathname] = request.url?.split("?") ?? [];
      if (request.method !== "GET" && request.method !== "HEAD") say(405, "text/plain", "expected GET\n");
      else if (pathname === "/metrics") say(200, registry.contentType, await registry.metrics());
      else if (pathname === "/healthz") {
        const now = await health();
        say(now.ok ? 200 : 503, "application/json", `${JSON.stringify(now)}\n`);
      } else say(404, "text/plain", "expected /healthz or /metrics\n");
    } catch (error) {
      say(500, "text/plain", `${messageOf(error)}\n`);
    }
  };
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
