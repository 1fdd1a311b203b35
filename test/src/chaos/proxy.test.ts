import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { openProxy, type TcpProxy } from "./proxy.ts";

let server: Server;
let proxy: TcpProxy;
/** What the server got on each connection, and the connection. */
let served: { socket: Socket; text: string; ended: boolean }[];
let client: Socket;
let answers: string;

beforeEach(async () => {
  served = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    const one = { socket, text: "", ended: false };
    served.push(one);
    socket.on("error", () => undefined);
    socket.on("end", () => {
      one.ended = true;
    });
    socket.on("data", (chunk) => {
      one.text += chunk;
      socket.write(String(chunk).toUpperCase());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  proxy = await openProxy(typeof address === "object" && address !== null ? address.port : 0);
  await join();
});

afterEach(async () => {
  client.destroy();
  await proxy.close();
  for (const { socket } of served) socket.destroy();
  server.close();
});

test("passes bytes both ways, and the end", async () => {
  client.write("a");
  await eventually(() => expect(answers).toBe("A"));
  client.end("b");
  await eventually(() => expect(served[0]).toMatchObject({ text: "ab", ended: true }));
});

test("what is held arrives later, in order", async () => {
  proxy.setPassage({ toServer: "held" });
  client.write("a");
  client.end("b");
  await settled();
  expect(served[0]).toMatchObject({ text: "", ended: false });
  proxy.heal();
  await eventually(() => expect(served[0]).toMatchObject({ text: "ab", ended: true }));
});

test("a deaf client is heard", async () => {
  proxy.setPassage({ toClient: "swallowed" });
  client.write("a");
  await eventually(() => expect(served[0]?.text).toBe("a"));
  await settled();
  expect(answers).toBe("");
});

test("a tripwire cuts one connection at its byte", async () => {
  const tripped = proxy.trip((chunk) => (chunk.includes("c") ? 2 : undefined));
  client.write("abcd");
  await tripped;
  await closed(client);
  await eventually(() => expect(served[0]).toMatchObject({ text: "ab", ended: true }));
});

test("a forgotten connection hears nothing any more, a new one does", async () => {
  proxy.forget();
  client.write("a");
  const before = client;
  await join();
  client.write("b");
  await eventually(() => expect(answers).toBe("B"));
  proxy.heal();
  await settled();
  expect(served[0]?.text).toBe("");
  before.destroy();
});

test("what an orphan had sent arrives after its client has gone elsewhere", async () => {
  proxy.setPassage({ toServer: "held" });
  client.write("a");
  await settled();
  const late = proxy.orphan();
  await closed(client);
  proxy.heal();
  await join();
  client.write("b");
  await eventually(() => expect(answers).toBe("B"));
  expect(served[0]?.text).toBe("");
  late.deliver();
  await eventually(() => expect(served[0]).toMatchObject({ text: "a", ended: true }));
});

async function join(): Promise<void> {
  answers = "";
  client = connect(proxy.port, "127.0.0.1");
  client.on("error", () => undefined);
  client.on("data", (chunk) => {
    answers += chunk;
  });
  const before = served.length;
  await eventually(() => expect(served.length).toBeGreaterThan(before));
}

/** Unlike `once`, content with a connection that closes by an error. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

/** Time enough for what should not happen. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));
