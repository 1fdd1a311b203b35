/** A relay process whose robots send at a steady rate until it is told to stop. */
import { MemoryLog, Relay, type Source } from "@physical-ai/relay";
import { pino } from "pino";
import { paceAt } from "./pace.ts";

const [hubUrl = "", token = "", relayId = "", hz = "0", robots = "1"] = process.argv.slice(2);

function createPacedSource(): Source {
  let finish: () => void = () => undefined;
  let stopPacing: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    robots: [],
    finished,
    start(sink) {
      stopPacing = paceAt(Number(hz), Number(robots), (packets) => void sink.accept(packets));
    },
    execute: async () => ({ status: "acknowledged" }),
    async stop() {
      stopPacing();
      finish();
    },
  };
}

const relay = new Relay(
  { source: createPacedSource(), log: new MemoryLog(), logger: pino({ level: "warn" }) },
  { hubUrl, token, relayId },
);
relay.start();
process.once("disconnect", () => process.exit(0));
process.once("SIGTERM", async () => {
  await relay.stop();
  process.exit(0);
});
