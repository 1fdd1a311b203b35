/** A client that asks a server to be busy, far too often; says when it has, and waits to be killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { ZmqClient } from "@physical-ai/policy-wires";

const [endpoint, until] = process.argv.slice(2);
const client = new ZmqClient({ endpoint, timeoutMs: 600_000 });
for (let count = 0; count < 1_000; count++)
  client.sendRequest("status", { until: Number(until) }).catch(() => undefined);
while (client.stats.sent === 0) await sleep(10);
console.log("asked");
