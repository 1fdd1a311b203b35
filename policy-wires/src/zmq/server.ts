/**
 * Answers requests of clients in this and other languages. What is no request is answered with an error.
 *
 * It is for clients that are trusted, on a port that strangers cannot reach: ZeroMQ holds all frames of a message until its
 * last one is there, and knows no limit for their sum. Only the memory of the process or its container bounds it.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "@physical-ai/service/errors";
import { Router } from "zeromq";
import { ZmqProtocolError } from "./errors.ts";
import { decodeRequest, encodeAnswer, nobody, type Request, type RequestType } from "./messages.ts";
import { noticeVanished } from "./tcp.ts";

const usualMaxFrameBytes = 64 * 1024 * 1024;
const usualConcurrency = 16;
/** Messages of one client that may wait inside ZeroMQ: requests, which can be large, and answers. */
const receiveQueue = 8;
const sendQueue = 64;
/** For the last answers to leave. */
const lingerMs = 500;
const longestError = 2_000;

export interface ZmqServerOptions {
  /** Where to listen; `tcp://*:5555` when missing, port `*` for a free one. */
  readonly endpoint?: string;
  /** A client that sends a larger frame is cut off; 64 MiB when missing. */
  readonly maxFrameBytes?: number;
  /** Requests that are worked on at once; 16 when missing. More wait inside ZeroMQ. */
  readonly concurrency?: number;
}

/** What became of requests. */
interface ZmqServerStats {
  readonly answered: number;
  /** Answered with an error: no handler, or it failed. */
  readonly failed: number;
  /** Messages that are no requests. */
  readonly refused: number;
}

/** Returns the answer's `result`: values of JSON, and tensors anywhere among them. */
export type Handler = (data: Request["data"]) => unknown;

/** Whoever creates it stops it. */
export interface ZmqServer {
  /** Where it listens, with the real port. */
  readonly endpoint: string;
  readonly stats: ZmqServerStats;
  /** Takes the place of an earlier handler; `health` and `status` have one from the start. */
  registerHandler(type: RequestType | (string & {}), handler: Handler): void;
  /** Answers requests until it is stopped. */
  run(): Promise<void>;
  /** Takes no more requests, answers those that are being worked on, and closes. */
  stop(): Promise<void>;
}

/**
 * Listens at once; what comes before `run` waits.
 *
 * @throws Error when the endpoint is taken or none
 */
export function createZmqServer({
  endpoint = "tcp://*:5555",
  maxFrameBytes = usualMaxFrameBytes,
  concurrency = usualConcurrency,
}: ZmqServerOptions = {}): ZmqServer {
  const socket = bind(endpoint, maxFrameBytes);
  const stats = { answered: 0, failed: 0, refused: 0 };
  const handlers: Map<string, Handler> = new Map<string, Handler>([
    ["health", () => ({ status: "ok", timestamp: Date.now() / 1_000 })],
    ["status", () => ({ handlers: [...handlers.keys()], ...stats })],
  ]);
  const working = new Set<Promise<void>>();
  let stopping = false;

  /** Whatever comes after the address is answered; the address goes back as it came. */
  async function serve(frames: readonly Buffer[]): Promise<void> {
    const end = frames.findIndex(({ byteLength }) => byteLength === 0) + 1;
    const address = end === 0 ? frames.slice(0, 1) : frames.slice(0, end);
    const answer = await answerTo(end === 0 ? [] : frames.slice(end));
    if (!socket.closed) await socket.send([...address, ...answer]);
  }

  async function answerTo(frames: readonly Buffer[]): Promise<Buffer[]> {
    let requestId = nobody;
    try {
      const request = decodeRequest(frames);
      requestId = request.requestId;
      const result = await handlerOf(request.type)(request.data);
      const status = request.type === "health" && saysOk(result) ? "ok" : "success";
      const answer = encodeAnswer({ status, requestId, result }, frames.length > 1 ? "multipart" : "json");
      stats.answered += 1;
      return answer;
    } catch (error) {
      const unreadable = error instanceof ZmqProtocolError;
      stats[unreadable ? "refused" : "failed"] += 1;
      if (unreadable) requestId = error.requestId ?? nobody;
      return encodeAnswer({ status: "error", requestId, error: messageOf(error).slice(0, longestError) }, "json");
    }
  }

  function handlerOf(type: string): Handler {
    const handler = handlers.get(type);
    if (stopping) throw new Error("the server is stopping; ask again when it is back");
    if (handler !== undefined) return handler;
    throw new RangeError(`expected one of the types ${[...handlers.keys()].join(", ")}; got ${type}`);
  }

  return {
    endpoint: socket.lastEndpoint ?? endpoint,
    stats,
    registerHandler: (type, handler) => void handlers.set(type, handler),
    async run() {
      for await (const frames of socket) {
        const work = serve(frames).finally(() => working.delete(work));
        working.add(work);
        if (working.size >= concurrency) await Promise.race(working);
        await nextTurn(); // Handlers' timers and sockets come in between, however many messages wait.
      }
    },
    async stop() {
      stopping = true;
      await Promise.all(working);
      socket.close();
    },
  };
}

function bind(endpoint: string, maxFrameBytes: number): Router {
  const socket = new Router({
    linger: lingerMs,
    maxMessageSize: maxFrameBytes,
    sendHighWaterMark: sendQueue,
    receiveHighWaterMark: receiveQueue,
    ...noticeVanished,
  });
  try {
    socket.bindSync(endpoint);
    return socket;
  } catch (error) {
    socket.close();
    throw new Error(`expected a free endpoint such as tcp://*:5555; got ${endpoint}`, { cause: error });
  }
}

function saysOk(result: unknown): boolean {
  return typeof result === "object" && result !== null && "status" in result && result.status === "ok";
}
