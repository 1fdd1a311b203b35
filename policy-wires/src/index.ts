/** The protocols of policy servers. */
export { createZmqClient, type RequestOptions, type ZmqClient, type ZmqClientOptions } from "./zmq/client.ts";
export { ZmqProtocolError, ZmqRemoteError, ZmqTimeoutError, ZmqUnavailableError } from "./zmq/errors.ts";
export type { Form } from "./zmq/frames.ts";
export type { Health } from "./zmq/messages.ts";
export { createZmqClientPool, type ZmqClientPool } from "./zmq/pool.ts";
export { createZmqServer, type Handler, type ZmqServer, type ZmqServerOptions } from "./zmq/server.ts";
export { untilReady } from "./zmq/until-ready.ts";
export { zmqWire } from "./zmq/zmq-wire.ts";
