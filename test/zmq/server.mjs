/** A server in TypeScript as a process of its own, so that its memory can be looked at; prints where it listens. */
import { ZmqServer } from "@physical-ai/policy-wires";

const server = new ZmqServer({ endpoint: "tcp://127.0.0.1:*" });
server.registerHandler("inference", ({ observation }) => observation);
server.registerHandler("echo", (data) => data);
server.registerHandler("fail", () => {
  throw new Error("it always fails");
});
console.log(server.endpoint);
await server.run();
