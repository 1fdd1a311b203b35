/** How fast one relay gets its packets acknowledged. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ratePerSecond } from "./bench.ts";

const program = fileURLToPath(new URL("./sender.js", import.meta.url));

/** What a relay process sends, and where to. */
interface Sending {
  url: string;
  /** For the relay `relayId`. */
  token: string;
  relayId?: string;
  packets: number;
  robots?: number;
  /** Where the relay's log lies; in memory when missing. */
  diskFolder?: string;
}

/** Packets a second, from the moment the relay process has them ready until the last one is acknowledged. */
export async function measureSender({
  url,
  token,
  relayId = "bench",
  packets,
  robots = 1,
  diskFolder,
}: Sending): Promise<number> {
  const disk = diskFolder === undefined ? [] : [diskFolder];
  const sender = fork(program, [url, token, relayId, String(packets), String(robots), ...disk]);
  await once(sender, "message");
  const rate = await ratePerSecond(packets, () => once(sender, "message"));
  if (sender.exitCode === null) await once(sender, "exit");
  return rate;
}
