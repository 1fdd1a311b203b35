/** A server in TypeScript whose every handler can be kept busy; prints where it listens. */
import { setTimeout as sleep } from "node:timers/promises";
import { ZmqServer } from "@physical-ai/policy-wires";

const server = new ZmqServer({ endpoint: "tcp://127.0.0.1:*" });
server.registerHandler("status", ({ until = 0 }) => sleep(Math.max(0, until - Date.now()), "well"));
console.log(server.endpoint);
await server.run();
