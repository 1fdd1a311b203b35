/** The clients of several servers, by name. */
import { type Data, type RequestOptions, ZmqClient, type ZmqClientOptions } from "./client.ts";

/** Whoever creates it closes all. */
export class ZmqClientPool {
  readonly #clients = new Map<string, ZmqClient>();

  /** Connects; a client of the same name is closed. */
  addClient(name: string, endpoint: string, options?: Omit<ZmqClientOptions, "endpoint">): ZmqClient {
    const client = new ZmqClient({ ...options, endpoint });
    this.removeClient(name);
    this.#clients.set(name, client);
    return client;
  }

  /** Closes a client; says nothing when there is none of this name. */
  removeClient(name: string): void {
    this.#clients.get(name)?.close();
    this.#clients.delete(name);
  }

  getClient(name: string): ZmqClient | undefined {
    return this.#clients.get(name);
  }

  /** As the client's; rejects with RangeError when there is none of this name. */
  async inference(name: string, observation: Data, extra?: Data, options?: RequestOptions): Promise<unknown> {
    const client = this.#clients.get(name);
    if (client !== undefined) return client.inference(observation, extra, options);
    throw new RangeError(`expected one of ${[...this.#clients.keys()].join(", ") || "no clients"}; got ${name}`);
  }

  /** All at once, by name. */
  async healthCheckAll(): Promise<Record<string, boolean>> {
    const checks = [...this.#clients].map(async ([name, client]) => [name, await client.healthCheck()] as const);
    return Object.fromEntries(await Promise.all(checks));
  }

  closeAll(): void {
    for (const name of this.#clients.keys()) this.removeClient(name);
  }
}
