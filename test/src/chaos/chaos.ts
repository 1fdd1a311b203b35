/** One run: rounds of faults under load, then rest, then the account. */
import { setTimeout as sleep } from "node:timers/promises";
import { openPool } from "@physical-ai/db";
import type pg from "pg";
import { bringHome } from "./faults.ts";
import { type Fleet, type FleetOptions, startFleet } from "./fleet.ts";
import { readJournal } from "./journal.ts";
import { planRounds, type Round } from "./rounds.ts";
import { seeItWork, settle } from "./settle.ts";
import { TooLate } from "./until.ts";
import { type Findings, verify } from "./verify.ts";

interface ChaosOptions extends FleetOptions {
  rounds: number;
  seed: number;
  /** Only faults of these kinds; all of them when missing. */
  faults?: readonly string[] | undefined;
  /** Tells the person at the terminal how it goes. */
  say: (line: string) => void;
  /** Ends the rounds early; what has happened until then is accounted for. */
  signal: AbortSignal;
}

/** The last line of `npm run chaos -- --json`. */
interface ChaosResult extends Findings {
  rounds: number;
  /** How often each kind happened. */
  faults: Record<string, number>;
  /** Processes that ended by themselves with an error. */
  crashes: number;
  /** Everything was committed in the end, and a new packet came through a worker to a viewer, at each hub. */
  recovered: boolean;
  seconds: number;
}

const shownOffences = 10;

/** Runs it. `good` when nothing was lost, doubled, changed, and everyone recovered. */
export async function runChaos(options: ChaosOptions): Promise<{ good: boolean; result: ChaosResult }> {
  const { say } = options;
  const startedAt = performance.now();
  say(`starting ${options.hubs} hubs, ${options.relays} relays at ${options.rate} packets/s, workers, viewers …`);
  const fleet = await startFleet(options);
  const pool = openPool(fleet.databaseUrl, () => undefined, 2);
  try {
    await seeItWork(fleet);
    const { rounds, faults } = await goThrough(
      planRounds(options.rounds, options.seed, options.faults),
      fleet,
      options,
    );
    bringHome(fleet);
    const recovered = await recover(fleet, pool, say);
    say("reading the whole table …");
    const findings = await account(fleet, pool, say);
    for (const crash of fleet.crashes) say(`crashed: ${crash}`);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const result = { rounds, faults, ...findings, crashes: fleet.crashes.length, recovered, seconds };
    const { lost, doubled, out_of_order, wrong_content, crashes } = result;
    return { good: recovered && lost + doubled + out_of_order + wrong_content + crashes === 0, result };
  } finally {
    await pool.end();
    await fleet.stop();
  }
}

async function goThrough(plan: readonly Round[], fleet: Fleet, { say, signal }: ChaosOptions) {
  const faults: Record<string, number> = {};
  const underWay: Promise<void>[] = [];
  let rounds = 0;
  for (const { number, fault, dice, holdMs, overlaps, restMs } of plan) {
    if (signal.aborted) break;
    const told = (whom: string) => say(`round ${number} of ${plan.length}: ${fault.kind}: ${whom}`);
    const over = fault.inflict(fleet, dice, holdMs).then(told, (error: Error) => told(error.message));
    underWay.push(over);
    faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
    rounds = number;
    if (!overlaps) await over;
    await sleep(restMs, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(underWay);
  return { rounds, faults };
}

/** Whether everything comes to rest, works again, and comes to rest again. */
async function recover(fleet: Fleet, pool: pg.Pool, say: (line: string) => void): Promise<boolean> {
  try {
    say("settling …");
    await settle(fleet, pool);
    await seeItWork(fleet);
    say("new packets reach workers and viewers; settling again …");
    await settle(fleet, pool);
    return true;
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    say(error.message);
    return false;
  }
}

async function account(fleet: Fleet, pool: pg.Pool, say: (line: string) => void): Promise<Findings> {
  const accounts = await Promise.all(
    fleet.relays.map(async ({ series, journalFile }) => ({ series, journal: await readJournal(journalFile) })),
  );
  let offences = 0;
  return verify(pool, accounts, fleet.blobFolder, ({ what, stream, seq, detail }) => {
    offences += 1;
    if (offences <= shownOffences) say(`${what}: ${stream}, seq ${seq} ${detail ?? ""}`);
  });
}
