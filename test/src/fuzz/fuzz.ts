/** Attacks a hub process from all sides beside healthy clients, and counts what came of it. */
import { join } from "node:path";
import { signToken } from "@physical-ai/hub/access";
import { Role } from "@physical-ai/unity-protocol";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";
import { readCorpus } from "./corpus.ts";
import { startHealthyClients } from "./healthy.ts";
import { watchHub } from "./hub-watch.ts";
import { type Tokens, tokenId } from "./persona.ts";
import { attackOnce, type Battle, forbiddenRobot } from "./session.ts";
import { createTally } from "./tally.ts";

/** How to attack. */
interface FuzzOptions {
  messages: number;
  seed: number;
  postgresUrl: string;
  /** An empty folder. */
  folder: string;
  say: (line: string) => void;
  onProgress: (messages: number) => void;
}

/** The last line of `npm run fuzz -- --json`. */
interface FuzzResult {
  messages: number;
  crashes: number;
  accepted_invalid: number;
  healthy_rows_missing: number;
  rss_growth_mb: number;
  answered: number;
  unanswered: number;
  disconnected_by_hub: number;
  /** Exceptions that the hub caught while it handled an event. */
  caught: number;
  healthy: { packets: number; updates: number; predictions: number };
  seconds: number;
}

const attackersAtOnce = 16;
/** The part of the messages after which the hub's memory is taken as its usual one. */
const warmUp = 0.2;

/** Runs one battle. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const database = await createTestDatabase(options.postgresUrl);
  const hub = await startTestHub({
    databaseUrl: database.url,
    folder: options.folder,
    environment: { ALLOW_ANONYMOUS: "1" },
  });
  try {
    return await fight(options, database, hub);
  } finally {
    await hub.stop();
    await database.drop();
  }
}

async function fight(options: FuzzOptions, database: TestDatabase, hub: TestHub): Promise<FuzzResult> {
  const startedAt = performance.now();
  const tally = createTally();
  const watch = watchHub(hub, join(options.folder, `hub-${new URL(hub.url).port}.log`));
  const healthy = startHealthyClients(hub.url, await tokensOf("healthy", hub.secret));
  const tokens = await tokensOf(tokenId, hub.secret);
  const corpus = readCorpus();
  let sessions = 0;

  async function attackUntil(messages: number): Promise<void> {
    const left = () => (watch.died ? 0 : messages - tally.messages);
    const onAccepted = (event: string, message: unknown, reason: string) =>
      options.say(`accepted: ${event} (${reason}): ${JSON.stringify(message)?.slice(0, 500)}`);
    const battle: Battle = { url: hub.url, seed: options.seed, corpus, tokens, tally, left, onAccepted };
    const attackers = Array.from({ length: attackersAtOnce }, async () => {
      while (left() > 0) {
        await attackOnce(battle, ++sessions);
        options.onProgress(tally.messages);
      }
    });
    await Promise.all(attackers);
  }

  try {
    await attackUntil(options.messages * warmUp);
    const before = await watch.settledBytes();
    await attackUntil(options.messages);
    // While the healthy clients go on: a process that does nothing gives no memory back.
    const after = await watch.settledBytes();
    await healthy.finish();
    const { counts } = healthy;
    return {
      messages: tally.messages,
      crashes: await watch.crashes(),
      accepted_invalid: tally.acceptedInvalid + (await forbiddenRows(database)),
      healthy_rows_missing: await healthy.missingRows(database.pool),
      rss_growth_mb: Math.round((after - before) / 1e5) / 10,
      answered: tally.answered,
      unanswered: tally.unanswered,
      disconnected_by_hub: tally.disconnected,
      caught: await watch.caught(),
      healthy: { packets: counts.produced, updates: counts.updates, predictions: counts.predictions },
      seconds: Math.round((performance.now() - startedAt) / 1_000),
    };
  } finally {
    watch.stop();
    await healthy.stop();
  }
}

async function tokensOf(id: string, secret: string): Promise<Tokens> {
  const [relay, brain_worker, viewer] = await Promise.all(Role.enum.map((role) => signToken({ role, id }, secret)));
  if (relay === undefined || brain_worker === undefined || viewer === undefined) throw new Error("a token is missing");
  return { relay, brain_worker, viewer };
}

/** Rows that came from messages which should have been refused, or name what is no identifier. */
async function forbiddenRows({ pool }: TestDatabase): Promise<number> {
  let rows = 0;
  for (const [table, columns] of Object.entries(identifiers)) {
    const wrong = columns.map((column) => `${column} !~ '^[^\\x01-\\x1f\\x7f\\ufffd]{1,128}$'`).join(" or ");
    const { rows: counted } = await pool.query<{ count: string }>(
      `select count(*) from ${table} where robot_id like $1 or ${wrong}`,
      [`${forbiddenRobot}%`],
    );
    rows += Number(counted[0]?.count);
  }
  return rows;
}

const identifiers = {
  robot_telemetry: ["robot_id", "robot_type", "data_type"],
  ai_predictions: ["robot_id", "robot_type", "policy", "model_version"],
  robot_commands: ["robot_id", "command"],
};
