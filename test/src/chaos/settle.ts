/** From chaos to rest: until everything that was accepted is committed, and until the system is seen to work. */
import { rm, writeFile } from "node:fs/promises";
import type pg from "pg";
import type { Member } from "./crew.ts";
import type { Fleet } from "./fleet.ts";
import { readJournal } from "./journal.ts";
import { until } from "./until.ts";
import type { ViewerReport } from "./viewer-process.ts";

/** The longest timeout on the way is well below. */
const patienceMs = 180_000;

/** Silences the sources and waits until the hubs have committed everything. */
export async function settle(fleet: Fleet, pool: pg.Pool): Promise<void> {
  await writeFile(fleet.silenceFile, "");
  for (const { name, journalFile } of fleet.relays) {
    await until(
      `everything that ${name} accepted is committed`,
      async () => {
        const { silent, accepted, streamIds } = await readJournal(journalFile);
        if (!silent) return false;
        const { rows } = await pool.query<{ seq: string | null }>(
          "select max(committed_seq) as seq from relay_streams where stream_id = any ($1)",
          [streamIds],
        );
        return Number(rows[0]?.seq) >= accepted;
      },
      patienceMs,
    );
  }
}

/** Lets the sources speak, and waits until what they say now has come through workers to the viewers. */
export async function seeItWork(fleet: Fleet): Promise<void> {
  const since = Date.now();
  await rm(fleet.silenceFile, { force: true });
  for (const viewer of fleet.viewers) {
    const sees = (what: keyof ViewerReport) => async () => reportOf(viewer)[what] >= since;
    await until(`${viewer.name} sees new packets`, sees("telemetryAt"), patienceMs);
    await until(`${viewer.name} sees predictions of new packets`, sees("predictionAt"), patienceMs);
  }
}

function reportOf({ process: { lastMessage } }: Member): ViewerReport {
  const figure = (name: string) => {
    const value = typeof lastMessage === "object" && lastMessage !== null ? Reflect.get(lastMessage, name) : 0;
    return typeof value === "number" ? value : 0;
  };
  return { telemetryAt: figure("telemetryAt"), predictionAt: figure("predictionAt") };
}
