import { once } from "node:events";
import { createConnection } from "node:net";

/** Connects to a port of this machine, and resolves with all that is said there; rejects when nobody listens. */
export async function connectOnce(port: number, host = "127.0.0.1"): Promise<string> {
  const socket = createConnection({ port, host }).setEncoding("utf8");
  await once(socket, "connect");
  let said = "";
  for await (const text of socket) said += text;
  return said;
}
