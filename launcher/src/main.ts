/** `npm start`: the whole system on this machine. */
import { setTimeout as sleep } from "node:timers/promises";
import { stopRequested } from "@physical-ai/service";
import { messageOf } from "@physical-ai/service/errors";
import { readConfig } from "./config.ts";
import { LatencyProbe } from "./latency.ts";
import { describeStack, relayId, startStack } from "./stack.ts";
import { describeSummary, summarise } from "./summary.ts";
import { describeDeath } from "./supervised-process.ts";

const config = readConfig(process.argv.slice(2));
const say = (line: string) => console.error(line);
const stopped = stopRequested();

try {
  const startedAt = Date.now();
  const starting = startStack({
    ...config,
    relayArgs: ["simulator", "--robots", String(config.robots), "--seed", String(config.seed)],
    onProgress: (step) => say(`${step} …`),
    onDeath: (death) => say(`${death.name} ended (${describeDeath(death)}); starting it again`),
  });
  // What was started already notices that the launcher is gone.
  const stack = (await Promise.race([starting, stopped.then(() => undefined)])) ?? process.exit(130);
  const probe = new LatencyProbe(stack.url, stack.viewerToken);
  say(describeStack(stack, config.dataDir, config.seconds));

  await Promise.race([stopped, ...(config.seconds === undefined ? [] : [sleep(config.seconds * 1_000)])]);
  say("stopping …");
  await stack.stopClients();
  probe.close();
  const summary = await summarise(stack.databaseUrl, {
    startedAt,
    relayId,
    relayReport: stack.processes.get("relay")?.lastMessage,
    latencies: probe.latencies,
  });
  await stack.stop();
  if (config.json) console.log(JSON.stringify(summary));
  else say(describeSummary(summary));
  process.exit(0);
} catch (error) {
  say(messageOf(error));
  process.exit(1);
}
