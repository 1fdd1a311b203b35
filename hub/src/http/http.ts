/** The hub's HTTP side: health, robots, blobs, exports, metrics, and the web page. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { PayloadSchemaVersion } from "@physical-ai/db";
import type { Registry } from "@physical-ai/service";
import { messageOf } from "@physical-ai/service/errors";
import Fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Access } from "../door/access/access.ts";
import type { RobotView } from "../live/robots.ts";
import type { WorkerView } from "../live/workers.ts";
import { serveBlobs } from "./blobs.ts";
import { type CountedExports, serveExports } from "./exports.ts";
import { refuse } from "./refuse.ts";
import { serveSchemas } from "./schemas.ts";

interface HttpDependencies {
  access: Access;
  /** Resolves when the hub can do its work; rejects with the reason why it cannot. */
  checkReady: () => Promise<void>;
  listRobots: () => RobotView[];
  listWorkers: () => WorkerView[];
  listSchemas: () => Promise<PayloadSchemaVersion[]>;
  /** Where binary out of packets lies. */
  blobFolder: string;
  exports: CountedExports;
  logger: Logger;
  registry: Registry;
}

const webFolder = new URL("../../../dashboard/", import.meta.url);

/** A request that takes longer to arrive is none. */
const requestTimeoutMs = 30_000;

/** Not yet listening. */
export function createHttp({
  access,
  checkReady,
  listRobots,
  listWorkers,
  listSchemas,
  blobFolder,
  exports,
  logger,
  registry,
}: HttpDependencies): FastifyInstance {
  const http = Fastify({ logger: false, forceCloseConnections: true, requestTimeout: requestTimeoutMs });

  http.addHook("onSend", async (_request, reply) => {
    reply.headers({
      "content-security-policy": "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
  });

  http.get("/healthz", async () => ({ ok: true }));
  http.get("/readyz", async (_request, reply) => {
    try {
      await checkReady();
      return { ok: true };
    } catch (error) {
      return reply.code(503).send({ ok: false, problem: messageOf(error) });
    }
  });

  http.register(async (api) => {
    api.addHook("onRequest", async (request, reply) => {
      const visitor = await access.admit(bearerOf(request.headers.authorization));
      if (visitor.kind !== "refused") return;
      return refuse(reply.header("www-authenticate", "Bearer"), "unauthorized", visitor.reason);
    });
    api.get("/api/robots", async () => ({ ok: true, robots: listRobots() }));
    api.get("/api/workers", async () => ({ ok: true, workers: listWorkers() }));
    serveSchemas(api, listSchemas);
    serveBlobs(api, blobFolder);
    serveExports(api, { exports, logger });
    api.get("/metrics", async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  });

  servePage(http);
  return http;
}

function servePage(http: FastifyInstance): void {
  http.register(fastifyStatic, { root: pathOf("public/"), prefix: "/" });
  const app = pathOf("dist/");
  if (existsSync(app)) http.register(fastifyStatic, { root: app, prefix: "/app/", decorateReply: false });
}

const pathOf = (folder: string) => fileURLToPath(new URL(folder, webFolder));

function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  return authorization.startsWith("Bearer ") ? authorization.slice("Bearer ".length) : authorization;
}
