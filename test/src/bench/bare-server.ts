/** A Socket.IO server in a process of its own that parses and acknowledges, and does nothing else. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Server } from "socket.io";

/** A bare server. Whoever starts it stops it. */
interface BareServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts one. */
export async function startBareServer(): Promise<BareServer> {
  const child = fork(fileURLToPath(import.meta.url), ["serve"]);
  const [message] = await once(child, "message");
  return {
    url: `http://127.0.0.1:${message}`,
    async stop() {
      child.kill();
      await once(child, "exit");
    },
  };
}

function serve(): void {
  const http = createServer();
  const io = new Server(http, { maxHttpBufferSize: 1e8 });
  io.on("connection", (socket) => {
    socket.on("register", (_registration, acknowledge) => {
      acknowledge({ ok: true, protocol: 1, server_time: Date.now(), committed_seq: 0 });
    });
    socket.on("relay_to_hub", (batch, acknowledge) => {
      acknowledge({ ok: true, committed_seq: batch.first_seq + batch.packets.length - 1 });
    });
  });
  http.listen(0, "127.0.0.1", () => {
    const address = http.address();
    if (typeof address === "object" && address !== null) process.send?.(address.port);
  });
}

if (process.argv[2] === "serve" && process.send !== undefined) serve();
