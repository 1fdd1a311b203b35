/** A relay process with a disk log and a numbered source, which notes what the log has accepted. */
import { join } from "node:path";
import { openDiskLog, Relay } from "@physical-ai/relay";
import { stopRequested } from "@physical-ai/service";
import { pino } from "pino";
import { openJournal } from "./journal.ts";
import { createNumberedSource } from "./numbered-source.ts";

const [hubUrl = "", token = "", name = "", folder = "", silenceFile = "", startedAt, rate, quotaMb] =
  process.argv.slice(2);

const logger = pino({ name, level: "warn" });
const maxBytes = Number(quotaMb) * 1024 * 1024;
const log = await openDiskLog({ logger }, { folder: join(folder, `${name}-log`), maxBytes });
const journal = openJournal(join(folder, `${name}.journal`));
journal.opened(log.streamId, log.lastSeq);
const source = createNumberedSource({
  series: { name, startedAt: Number(startedAt), rate: Number(rate) },
  from: log.lastSeq + 1,
  silenceFile,
  onAccepted(index) {
    if (log.lastSeq < index) throw new Error(`the log did not take packet ${index}; it ends at ${log.lastSeq}`);
    journal.accepted(index);
  },
  onSilent: (index) => journal.silent(index),
});
const relay = new Relay({ source, log, logger }, { hubUrl, token, relayId: name });
void stopRequested().then(() => relay.stop());
relay.start();
await relay.finished;
await relay.stop();
await log.close();
journal.close();
process.exit(0);
