/**
 * Answers requests of clients in this and other languages. What is no request is answered with an error.
 *
 * It is for clients that are trusted, on a port that strangers cannot reach: ZeroMQ holds all frames of a message until its
 * last one is there, and knows no limit for their sum. Only the memory of the process or its container bounds it.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "@physical-ai/service/errors";
import { ZmqProtocolError } from "./errors.ts";
import { decodeRequest, encodeAnswer, nobody, type Request, type RequestType } from "./messages.ts";
import { serverSocket } from "./sockets.ts";

const usualMaxFrameBytes = 64 * 1024 * 1024;
const usualConcurrency = 16;
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

/** Listens at once; what comes before `run` waits. Whoever creates it stops it. */
export class ZmqServer {
  readonly #socket: ReturnType<typeof serverSocket>;
  readonly #endpoint: string;
  readonly #concurrency: number;
  readonly #stats = { answered: 0, failed: 0, refused: 0 };
  readonly #handlers = new Map<string, Handler>();
  readonly #working = new Set<Promise<void>>();
  #stopping = false;

  /** @throws Error when the endpoint is taken or none */
  constructor({
    endpoint = "tcp://*:5555",
    maxFrameBytes = usualMaxFrameBytes,
    concurrency = usualConcurrency,
  }: ZmqServerOptions = {}) {
    this.#socket = serverSocket(endpoint, maxFrameBytes);
    this.#endpoint = this.#socket.lastEndpoint ?? endpoint;
    this.#concurrency = concurrency;
    this.registerHandler("health", () => ({ status: "ok", timestamp: Date.now() / 1_000 }));
    this.registerHandler("status", () => ({ handlers: [...this.#handlers.keys()], ...this.#stats }));
  }

  /** Where it listens, with the real port. */
  get endpoint(): string {
    return this.#endpoint;
  }

  get stats(): ZmqServerStats {
    return this.#stats;
  }

  /** Takes the place of an earlier handler; `health` and `status` have one from the start. */
  registerHandler(type: RequestType | (string & {}), handler: Handler): void {
    this.#handlers.set(type, handler);
  }

  /** Answers requests until it is stopped. */
  async run(): Promise<void> {
    for await (const frames of this.#socket) {
      const work = this.#serve(frames).finally(() => this.#working.delete(work));
      this.#working.add(work);
      if (this.#working.size >= this.#concurrency) await Promise.race(this.#working);
      await nextTurn(); // Handlers' timers and sockets come in between, however many messages wait.
    }
  }

  /** Takes no more requests, answers those that are being worked on, and closes. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#working);
    this.#socket.close();
  }

  /** Whatever comes after the address is answered; the address goes back as it came. */
  async #serve(frames: readonly Buffer[]): Promise<void> {
    const end = frames.findIndex(({ byteLength }) => byteLength === 0) + 1;
    const address = end === 0 ? frames.slice(0, 1) : frames.slice(0, end);
    const answer = await this.#answerTo(end === 0 ? [] : frames.slice(end));
    if (!this.#socket.closed) await this.#socket.send([...address, ...answer]);
  }

  async #answerTo(frames: readonly Buffer[]): Promise<Buffer[]> {
    let requestId = nobody;
    try {
      const request = decodeRequest(frames);
      requestId = request.requestId;
      const result = await this.#handlerOf(request.type)(request.data);
      const status = request.type === "health" && saysOk(result) ? "ok" : "success";
      const answer = encodeAnswer({ status, requestId, result }, frames.length > 1 ? "multipart" : "json");
      this.#stats.answered += 1;
      return answer;
    } catch (error) {
      const unreadable = error instanceof ZmqProtocolError;
      this.#stats[unreadable ? "refused" : "failed"] += 1;
      if (unreadable) requestId = error.requestId ?? nobody;
      return encodeAnswer({ status: "error", requestId, error: messageOf(error).slice(0, longestError) }, "json");
    }
  }

  #handlerOf(type: string): Handler {
    const handler = this.#handlers.get(type);
    if (this.#stopping) throw new Error("the server is stopping; ask again when it is back");
    if (handler !== undefined) return handler;
    throw new RangeError(`expected one of the types ${[...this.#handlers.keys()].join(", ")}; got ${type}`);
  }
}

function saysOk(result: unknown): boolean {
  return typeof result === "object" && result !== null && "status" in result && result.status === "ok";
}
