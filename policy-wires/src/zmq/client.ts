/** Asks a policy server: many requests at once over one socket. */
import { randomUUID } from "node:crypto";
import { ZmqProtocolError, ZmqRemoteError } from "./errors.ts";
import { type ExchangeStats, openExchange } from "./exchange.ts";
import type { Form } from "./frames.ts";
import { encodeRequest, type Health, type RequestType, validateHealth } from "./messages.ts";

const usualTimeoutMs = 5_000;
const healthTimeoutMs = 1_000;
const usualMaxFrameBytes = 64 * 1024 * 1024;

export interface ZmqClientOptions {
  /** `tcp://host:port` or `ipc://path` */
  readonly endpoint: string;
  /** How long a request may take, the wait for the server included; 5,000 when missing. */
  readonly timeoutMs?: number;
  /** How tensors go: `json` to servers that know nothing else, `multipart` when missing. */
  readonly form?: Form;
  /** A server that sends a larger frame is cut off; 64 MiB when missing. */
  readonly maxFrameBytes?: number;
}

export interface RequestOptions {
  /** How long this request may take, the wait for the server included. */
  readonly timeoutMs?: number;
}

/** Values of JSON, and tensors anywhere among them. */
export type Data = Readonly<Record<string, unknown>>;

/**
 * A client of one server; it connects by itself, again after the server was away. What is asked rejects with
 * ZmqTimeoutError, ZmqUnavailableError, ZmqRemoteError or ZmqProtocolError, and with TypeError or RangeError for data
 * that cannot be sent. The memory of a tensor must not change before the answer is there. Whoever creates it closes it.
 */
export interface ZmqClient {
  readonly endpoint: string;
  /** True while there is a server at the endpoint. */
  readonly connected: boolean;
  readonly stats: ExchangeStats;
  /** Resolves with the answer's `result`. */
  sendRequest(type: RequestType | (string & {}), data: Data, options?: RequestOptions): Promise<unknown>;
  /** @param extra goes beside `observation` */
  inference(observation: Data, extra?: Data, options?: RequestOptions): Promise<unknown>;
  train(config: Data, options?: RequestOptions): Promise<unknown>;
  command(command: string, params?: Data, options?: RequestOptions): Promise<unknown>;
  status(options?: RequestOptions): Promise<unknown>;
  /** What the server says of itself; waits for one second when nothing else is said. */
  health(options?: RequestOptions): Promise<Health>;
  /** Whether the server says within one second that it is well; never rejects. */
  healthCheck(): Promise<boolean>;
  /** Rejects everything that waits. */
  close(): void;
}

/** @throws Error when the endpoint is none */
export function createZmqClient({
  endpoint,
  timeoutMs: clientTimeoutMs = usualTimeoutMs,
  form = "multipart",
  maxFrameBytes = usualMaxFrameBytes,
}: ZmqClientOptions): ZmqClient {
  const exchange = openExchange({ endpoint, maxFrameBytes });

  async function sendRequest(type: string, data: Data, { timeoutMs = clientTimeoutMs }: RequestOptions = {}) {
    const requestId = randomUUID();
    const answer = await exchange.ask(requestId, encodeRequest({ type, data, requestId }, form), timeoutMs);
    if (answer.status === "error") throw new ZmqRemoteError(answer.error);
    return answer.result;
  }

  async function health({ timeoutMs = healthTimeoutMs }: RequestOptions = {}): Promise<Health> {
    const validation = validateHealth(await sendRequest("health", {}, { timeoutMs }));
    if (validation.ok) return validation.value;
    throw new ZmqProtocolError(validation.problem);
  }

  return {
    endpoint,
    get connected() {
      return exchange.connected;
    },
    stats: exchange.stats,
    sendRequest,
    inference: (observation, extra = {}, options) => sendRequest("inference", { observation, ...extra }, options),
    train: (config, options) => sendRequest("train", config, options),
    command: (command, params = {}, options) => sendRequest("command", { command, params }, options),
    status: (options) => sendRequest("status", {}, options),
    health,
    healthCheck: () =>
      health().then(
        ({ status }) => status === "ok",
        () => false,
      ),
    close: exchange.close,
  };
}
