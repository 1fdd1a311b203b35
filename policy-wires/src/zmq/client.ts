/** Asks a policy server: many requests at once over one socket, each waits for its own answer, and not for ever. */
import { randomUUID } from "node:crypto";
import { messageOf } from "@physical-ai/service/errors";
import { Connection } from "./connection.ts";
import { ZmqProtocolError, ZmqRemoteError, ZmqTimeoutError, ZmqUnavailableError } from "./errors.ts";
import type { Form } from "./frames.ts";
import { type Answer, decodeAnswer, encodeRequest, type Health, type RequestType, validateHealth } from "./messages.ts";

const usualTimeoutMs = 5_000;
const healthTimeoutMs = 1_000;
const longestTimerMs = 2 ** 31 - 1;
const usualMaxFrameBytes = 64 * 1024 * 1024;

export interface ZmqClientOptions {
  /** `tcp://host:port` or `ipc://path` */
  readonly endpoint: string;
  /** How long a request may take, the wait for the server included; 5,000 when missing. */
  readonly timeoutMs?: number | undefined;
  /** How tensors go: `json` to servers that know nothing else, `multipart` when missing. */
  readonly form?: Form | undefined;
  /** A server that sends a larger frame is cut off; 64 MiB when missing. */
  readonly maxFrameBytes?: number | undefined;
}

export interface RequestOptions {
  /** How long this request may take, the wait for the server included. */
  readonly timeoutMs?: number;
}

/** Values of JSON, and tensors anywhere among them. */
export type Data = Readonly<Record<string, unknown>>;

/** What became of requests and answers. */
interface ClientStats {
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

interface Waiting {
  /** Still to be sent; undefined once they are. */
  frames: readonly Buffer[] | undefined;
  readonly timer: NodeJS.Timeout;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * A client of one server; it connects by itself, again after the server was away. What is asked rejects with
 * ZmqTimeoutError, ZmqUnavailableError, ZmqRemoteError or ZmqProtocolError, and with TypeError or RangeError for data
 * that cannot be sent. The memory of a tensor must not change before the answer is there. Whoever creates it closes it.
 */
export class ZmqClient {
  readonly endpoint: string;
  readonly #timeoutMs: number;
  readonly #form: Form;
  readonly #connection: Connection;
  /** By request_id, the oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #stats = { connections: 0, sent: 0, answered: 0, late: 0, unreadable: 0 };
  #connected = false;
  #closed = false;

  /** @throws Error when the endpoint is none */
  constructor({
    endpoint,
    timeoutMs = usualTimeoutMs,
    form = "multipart",
    maxFrameBytes = usualMaxFrameBytes,
  }: ZmqClientOptions) {
    this.endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
    this.#form = form;
    this.#connection = new Connection(
      { endpoint, maxFrameBytes },
      { onUp: () => this.#onUp(), onDown: () => this.#onDown(), onAnswer: (frames) => this.#onAnswer(frames) },
    );
  }

  /** True while there is a server at the endpoint. */
  get connected(): boolean {
    return this.#connected;
  }

  get stats(): ClientStats {
    return this.#stats;
  }

  /** Resolves with the answer's `result`. */
  async sendRequest(
    type: RequestType | (string & {}),
    data: Data,
    { timeoutMs = this.#timeoutMs }: RequestOptions = {},
  ): Promise<unknown> {
    const requestId = randomUUID();
    const answer = await this.#ask(requestId, encodeRequest({ type, data, requestId }, this.#form), timeoutMs);
    if (answer.status === "error") throw new ZmqRemoteError(answer.error);
    return answer.result;
  }

  /** @param extra goes beside `observation` */
  inference(observation: Data, extra: Data = {}, options?: RequestOptions): Promise<unknown> {
    return this.sendRequest("inference", { observation, ...extra }, options);
  }

  train(config: Data, options?: RequestOptions): Promise<unknown> {
    return this.sendRequest("train", config, options);
  }

  command(command: string, params: Data = {}, options?: RequestOptions): Promise<unknown> {
    return this.sendRequest("command", { command, params }, options);
  }

  status(options?: RequestOptions): Promise<unknown> {
    return this.sendRequest("status", {}, options);
  }

  /** What the server says of itself; waits for one second when nothing else is said. */
  async health({ timeoutMs = healthTimeoutMs }: RequestOptions = {}): Promise<Health> {
    const validation = validateHealth(await this.sendRequest("health", {}, { timeoutMs }));
    if (validation.ok) return validation.value;
    throw new ZmqProtocolError(validation.problem);
  }

  /** Whether the server says within one second that it is well; never rejects. */
  healthCheck(): Promise<boolean> {
    return this.health().then(
      ({ status }) => status === "ok",
      () => false,
    );
  }

  /** Rejects everything that waits. */
  close(): void {
    this.#closed = true;
    this.#connected = false;
    this.#connection.close();
    const problem = `the client of ${this.endpoint} was closed`;
    for (const [requestId, { frames }] of this.#waiting) {
      this.#take(requestId)?.reject(new ZmqUnavailableError(problem, frames === undefined));
    }
  }

  /** Sends as soon as there is a server; `timeoutMs` is for both, the server and its answer. */
  #ask(requestId: string, frames: readonly Buffer[], timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new ZmqUnavailableError(`the client of ${this.endpoint} is closed`, false));
      const expire = () => this.#expire(requestId, timeoutMs);
      const timer = setTimeout(expire, Math.min(timeoutMs, longestTimerMs));
      this.#waiting.set(requestId, { frames, timer, resolve, reject });
      if (this.#connected) void this.#transmit(requestId);
    });
  }

  async #transmit(requestId: string): Promise<void> {
    const request = this.#waiting.get(requestId);
    if (request?.frames === undefined) return;
    const { frames } = request;
    request.frames = undefined;
    try {
      await this.#connection.send(frames);
      this.#stats.sent += 1;
    } catch (error) {
      const problem = `${this.endpoint} takes no request: ${messageOf(error)}`;
      this.#take(requestId)?.reject(new ZmqUnavailableError(problem, false));
    }
  }

  #expire(requestId: string, timeoutMs: number): void {
    const request = this.#take(requestId);
    request?.reject(
      request.frames === undefined
        ? new ZmqTimeoutError(`expected an answer of ${this.endpoint} within ${timeoutMs} ms; none came`)
        : new ZmqUnavailableError(`expected a server at ${this.endpoint} within ${timeoutMs} ms; there is none`, false),
    );
  }

  #onUp(): void {
    this.#connected = true;
    this.#stats.connections += 1;
    for (const requestId of this.#waiting.keys()) void this.#transmit(requestId);
  }

  #onDown(): void {
    this.#connected = false;
    const lost = new ZmqUnavailableError(`${this.endpoint} went away before it answered`, true);
    for (const [requestId, { frames }] of this.#waiting) {
      if (frames === undefined) this.#take(requestId)?.reject(lost);
    }
  }

  #onAnswer(frames: readonly Buffer[]): boolean {
    try {
      const answer = decodeAnswer(frames);
      const request = this.#take(answer.requestId);
      this.#stats[request === undefined ? "late" : "answered"] += 1;
      request?.resolve(answer);
      return request !== undefined;
    } catch (error) {
      if (!(error instanceof ZmqProtocolError)) throw error;
      this.#stats.unreadable += 1;
      // Servers answer in order: what names nobody is most likely the oldest's.
      const request = this.#take(error.requestId ?? this.#oldestSent() ?? "");
      request?.reject(error);
      return request !== undefined;
    }
  }

  #oldestSent(): string | undefined {
    for (const [requestId, { frames }] of this.#waiting) if (frames === undefined) return requestId;
    return undefined;
  }

  #take(requestId: string): Waiting | undefined {
    const request = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    clearTimeout(request?.timer);
    return request;
  }
}
