/** A server that answers as a test wants it, and not as it should. */
import { Router } from "zeromq";

/** One request, and the ways to answer it. */
export interface Asked {
  readonly requestId: string;
  /** A well-formed answer. */
  answer(result: unknown): void;
  /** Whatever is given, each a frame. */
  send(...frames: readonly (string | Buffer)[]): void;
}

/** Whoever starts it stops it. */
export interface ScriptedServer {
  readonly endpoint: string;
  stop(): void;
}

/** Listens on a port of its own, or where it is told to. */
export function startScriptedServer(
  onRequest: (asked: Asked, count: number) => void,
  endpoint = "tcp://127.0.0.1:*",
): ScriptedServer {
  const socket = new Router({ linger: 0 });
  socket.bindSync(endpoint);

  async function serve(): Promise<void> {
    let count = 0;
    for await (const [client, delimiter, header] of socket) {
      const requestId: string = JSON.parse(String(header)).request_id;
      const send = (...frames: readonly (string | Buffer)[]) =>
        void socket.send([client ?? "", delimiter ?? "", ...frames]);
      const answer = (result: unknown) =>
        send(JSON.stringify({ status: "success", result, request_id: requestId, timestamp: 0 }));
      onRequest({ requestId, answer, send }, count++);
    }
  }

  void serve();
  return { endpoint: socket.lastEndpoint ?? endpoint, stop: () => socket.close() };
}
