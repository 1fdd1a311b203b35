/** The clients of several servers, by name. */
import { createZmqClient, type Data, type RequestOptions, type ZmqClient, type ZmqClientOptions } from "./client.ts";

/** Whoever creates it closes all. */
export interface ZmqClientPool {
  /** Connects; a client of the same name is closed. */
  addClient(name: string, endpoint: string, options?: Omit<ZmqClientOptions, "endpoint">): ZmqClient;
  /** Closes a client; says nothing when there is none of this name. */
  removeClient(name: string): void;
  getClient(name: string): ZmqClient | undefined;
  /** As the client's; rejects with RangeError when there is none of this name. */
  inference(name: string, observation: Data, extra?: Data, options?: RequestOptions): Promise<unknown>;
  /** All at once, by name. */
  healthCheckAll(): Promise<Record<string, boolean>>;
  closeAll(): void;
}

export function createZmqClientPool(): ZmqClientPool {
  const clients = new Map<string, ZmqClient>();

  function removeClient(name: string): void {
    clients.get(name)?.close();
    clients.delete(name);
  }

  return {
    addClient(name, endpoint, options) {
      const client = createZmqClient({ ...options, endpoint });
      removeClient(name);
      clients.set(name, client);
      return client;
    },
    removeClient,
    getClient: (name) => clients.get(name),
    async inference(name, observation, extra, options) {
      const client = clients.get(name);
      if (client !== undefined) return client.inference(observation, extra, options);
      throw new RangeError(`expected one of ${[...clients.keys()].join(", ") || "no clients"}; got ${name}`);
    },
    async healthCheckAll() {
      const checks = [...clients].map(async ([name, client]) => [name, await client.healthCheck()] as const);
      return Object.fromEntries(await Promise.all(checks));
    },
    closeAll() {
      for (const name of clients.keys()) removeClient(name);
    },
  };
}
