/** Requests under way to one server: each waits for its own answer, and not for ever. */
import { messageOf } from "@physical-ai/service/errors";
import { openConnection } from "./connection.ts";
import { ZmqProtocolError, ZmqTimeoutError, ZmqUnavailableError } from "./errors.ts";
import { type Answer, decodeAnswer } from "./messages.ts";

const longestTimerMs = 2 ** 31 - 1;

interface ExchangeOptions {
  /** `tcp://host:port` or `ipc://path` */
  readonly endpoint: string;
  /** A server that sends a larger frame is cut off. */
  readonly maxFrameBytes: number;
}

/** What became of requests and answers. */
export interface ExchangeStats {
  /** How often a server was found: with another one, another model may answer. */
  readonly connections: number;
  /** Requests that went out. */
  readonly sent: number;
  /** Answers that were waited for. */
  readonly answered: number;
  /** Answers that nobody waited for any more: too late, or twice. */
  readonly late: number;
  /** Answers that could not be read. */
  readonly unreadable: number;
}

/** Whoever opens it closes it. */
interface Exchange {
  /** True while there is a server at the endpoint. */
  readonly connected: boolean;
  readonly stats: ExchangeStats;
  /**
   * Sends a request as soon as there is a server, and waits for its answer.
   *
   * @param timeoutMs for both
   * @throws ZmqTimeoutError, ZmqUnavailableError, ZmqProtocolError
   */
  ask(requestId: string, frames: readonly Buffer[], timeoutMs: number): Promise<Answer>;
  close(): void;
}

interface Waiting {
  /** Still to be sent; undefined once they are. */
  frames: readonly Buffer[] | undefined;
  readonly timer: NodeJS.Timeout;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** @throws Error when the endpoint is none */
export function openExchange(options: ExchangeOptions): Exchange {
  const { endpoint } = options;
  /** By request_id, the oldest first. */
  const waiting = new Map<string, Waiting>();
  const stats = { connections: 0, sent: 0, answered: 0, late: 0, unreadable: 0 };
  let connected = false;
  let closed = false;

  const connection = openConnection(options, { onUp, onDown, onAnswer });

  function onUp(): void {
    connected = true;
    stats.connections += 1;
    for (const requestId of waiting.keys()) void transmit(requestId);
  }

  function onDown(): void {
    connected = false;
    const lost = new ZmqUnavailableError(`${endpoint} went away before it answered`, true);
    for (const [requestId, { frames }] of waiting) if (frames === undefined) take(requestId)?.reject(lost);
  }

  function onAnswer(frames: readonly Buffer[]): boolean {
    try {
      const answer = decodeAnswer(frames);
      const request = take(answer.requestId);
      stats[request === undefined ? "late" : "answered"] += 1;
      request?.resolve(answer);
      return request !== undefined;
    } catch (error) {
      if (!(error instanceof ZmqProtocolError)) throw error;
      stats.unreadable += 1;
      // Servers answer in order: what names nobody is most likely the oldest's.
      const request = take(error.requestId ?? oldestSent() ?? "");
      request?.reject(error);
      return request !== undefined;
    }
  }

  function oldestSent(): string | undefined {
    for (const [requestId, { frames }] of waiting) if (frames === undefined) return requestId;
    return undefined;
  }

  function take(requestId: string): Waiting | undefined {
    const request = waiting.get(requestId);
    waiting.delete(requestId);
    clearTimeout(request?.timer);
    return request;
  }

  async function transmit(requestId: string): Promise<void> {
    const request = waiting.get(requestId);
    if (request?.frames === undefined) return;
    const { frames } = request;
    request.frames = undefined;
    try {
      await connection.send(frames);
      stats.sent += 1;
    } catch (error) {
      take(requestId)?.reject(new ZmqUnavailableError(`${endpoint} takes no request: ${messageOf(error)}`, false));
    }
  }

  function expire(requestId: string, timeoutMs: number): void {
    const request = take(requestId);
    request?.reject(
      request.frames === undefined
        ? new ZmqTimeoutError(`expected an answer of ${endpoint} within ${timeoutMs} ms; none came`)
        : new ZmqUnavailableError(`expected a server at ${endpoint} within ${timeoutMs} ms; there is none`, false),
    );
  }

  return {
    get connected() {
      return connected;
    },
    stats,
    ask: (requestId, frames, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new ZmqUnavailableError(`the client of ${endpoint} is closed`, false));
        const timer = setTimeout(expire, Math.min(timeoutMs, longestTimerMs), requestId, timeoutMs);
        waiting.set(requestId, { frames, timer, resolve, reject });
        if (connected) void transmit(requestId);
      }),
    close() {
      closed = true;
      connected = false;
      connection.close();
      for (const [requestId, { frames }] of waiting) {
        take(requestId)?.reject(new ZmqUnavailableError(`the client of ${endpoint} was closed`, frames === undefined));
      }
    },
  };
}
