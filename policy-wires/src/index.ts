/** The protocols of policy servers. */
import type { Wires } from "@physical-ai/policy";
import { zmqWire } from "./zmq/zmq-wire.ts";

export { type RequestOptions, ZmqClient, type ZmqClientOptions } from "./zmq/client.ts";
export { ZmqProtocolError, ZmqRemoteError, ZmqTimeoutError, ZmqUnavailableError } from "./zmq/errors.ts";
export { ZmqClientPool } from "./zmq/pool.ts";
export { type Handler, ZmqServer, type ZmqServerOptions } from "./zmq/server.ts";
export { untilReady } from "./zmq/zmq-wire.ts";

/** Every wire, by the name that policy files have for it. */
export const wires: Wires = { zmq: zmqWire };
