/** A server that answers its first request for ever, with what is no answer; prints where it listens. */
import { Router } from "zeromq";

const socket = new Router({ linger: 0, mandatory: true });
await socket.bind("tcp://127.0.0.1:*");
console.log(socket.lastEndpoint);
const noise = Buffer.alloc(Number(process.argv[2]), "x");
for await (const [client] of socket) {
  try {
    for (;;) await socket.send([client, "", noise]);
  } catch {
    // The client has gone.
  }
}
