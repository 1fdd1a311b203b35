/**
 * Appends packets until it is killed, and says on stdout what is acknowledged: `<seq> <n>` a line, `trim <seq>` before it
 * trims. Its packets hold n, n + 1, … Plain JavaScript over the built relay: it is a process of its own.
 *
 *   node disk-log.child.mjs <folder> <n> [<packets to append>]
 */
import { writeSync } from "node:fs";
import { pino } from "pino";
import { openDiskLog } from "../../dist/packet-log/disk-log.js";

const [folder, from, total = "Infinity"] = process.argv.slice(2);
const logger = pino({ level: "error" }, pino.destination(2));
const log = await openDiskLog({ logger }, { folder });
await log.resume(log.firstSeq - 1);
const say = (text) => writeSync(1, `${text}\n`);
const end = Number(from) + Number(total);
let n = Number(from);

async function append(count) {
  const values = Array.from({ length: count }, (_, index) => n + index);
  n += count;
  const packets = values.map((value) => ({
    robot_id: "EP01",
    robot_type: "EP01",
    type: "t",
    val: { n: value, text: "x".repeat(value % 700), bytes: Uint8Array.from({ length: value % 50 }, () => value % 256) },
  }));
  const last = await log.append(packets);
  say(values.map((value, index) => `${last - count + 1 + index} ${value}`).join("\n"));
}

while (n < end) {
  await Promise.all([append(1), append(7), append(1), append(100)]);
  if (n % 3 > 0 || log.lastSeq - log.firstSeq < 3_000) continue;
  const upTo = log.lastSeq - 1_000;
  say(`trim ${upTo}`);
  await log.trim(upTo);
}
await log.close();
