/** Holds the table against what the sources said: every accepted packet once, in its place, as it was made. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Packet, relayGapType, validate } from "@physical-ai/unity-protocol";
import type pg from "pg";
import { blobsIn, keptType, madeAt, type PacketSeries, packetOf, sha256, storedValue } from "./content.ts";
import type { JournalSummary } from "./journal.ts";

/** What was found. All but `packets`, the gaps and the time error should be 0. */
export interface Findings {
  /** Accepted by relays' logs. */
  packets: number;
  /** Accepted, and neither in the table nor in a gap of a relay whose buffer was full. */
  lost: number;
  /** Rows that are there again, and rows that nobody sent. */
  doubled: number;
  /** Rows that say what a relay had to drop … */
  gaps_reported: number;
  /** … and how many packets they name. */
  packets_in_gaps: number;
  /** Rows at the place of another packet of the same source. */
  out_of_order: number;
  /** Rows that differ from what was sent, in whatever. */
  wrong_content: number;
  /** Between a packet's `ts` and its `created_at`, which is corrected by an estimate of the hub's clock. */
  largest_time_error_ms: number;
}

/** One source with its relay's journal. */
interface Account {
  series: PacketSeries;
  journal: JournalSummary;
}

/** Told of each packet that is not as it should be. */
type OnOffence = (offence: { what: string; stream: string; seq: number; detail?: string }) => void;

interface Row {
  seq: number;
  robot_id: string;
  robot_type: string;
  data_type: string;
  payload: unknown;
  /** Epoch milliseconds. */
  created_at: number;
}

const rowsPerFetch = 2_000;
/** All run on one machine: an estimate of the clock that is further off is wrong. */
const maxTimeErrorMs = 1_000;
/** A relay may drop packets when its quota or its disk is full, and for no other reason. */
const permittedReason = /was full/;
/** How far from its place a packet is looked for. */
const searchedPlaces = 2_000;

/** Reads the whole table. */
export async function verify(
  pool: pg.Pool,
  accounts: readonly Account[],
  blobFolder: string,
  onOffence: OnOffence,
): Promise<Findings> {
  const findings: Findings = {
    packets: 0,
    lost: 0,
    doubled: 0,
    gaps_reported: 0,
    packets_in_gaps: 0,
    out_of_order: 0,
    wrong_content: 0,
    largest_time_error_ms: 0,
  };
  for (const account of accounts) {
    const audit = new StreamAudit(account, blobFolder, findings, onOffence);
    for await (const row of rowsOf(pool, account.journal.streamIds)) await audit.take(row);
    audit.end();
  }
  findings.doubled += await countStrays(pool, accounts, onOffence);
  findings.largest_time_error_ms = Math.round(findings.largest_time_error_ms);
  return findings;
}

/** The rows of one source in the order of their seq. */
class StreamAudit {
  readonly #account: Account;
  readonly #blobFolder: string;
  readonly #findings: Findings;
  readonly #onOffence: OnOffence;
  #seq = 0;

  constructor(account: Account, blobFolder: string, findings: Findings, onOffence: OnOffence) {
    this.#account = account;
    this.#blobFolder = blobFolder;
    this.#findings = findings;
    this.#onOffence = onOffence;
  }

  async take(row: Row): Promise<void> {
    if (row.seq <= this.#seq || row.seq > this.#account.journal.accepted) return this.#offend("doubled", row.seq);
    const gap = row.data_type === relayGapType ? gapOf(row) : undefined;
    if (gap === undefined) {
      this.#missing(this.#seq + 1, row.seq - 1);
      await this.#compare(row);
    } else {
      this.#missing(this.#seq + 1, gap.first_seq - 1);
      this.#dropped(Math.max(gap.first_seq, this.#seq + 1), row.seq, gap.reason);
    }
    this.#seq = row.seq;
  }

  end(): void {
    const { accepted, lostByLog, streamIds } = this.#account.journal;
    this.#missing(this.#seq + 1, accepted);
    this.#findings.packets += accepted;
    if (lostByLog > 0) this.#offend("lost", accepted, "by the relay's log, which had acknowledged them", lostByLog);
    if (streamIds.length > 1) this.#offend("lost", 1, `the log was lost: streams ${streamIds.join(", ")}`);
  }

  #missing(from: number, to: number): void {
    if (to >= from) this.#offend("lost", from, `up to ${to}`, to - from + 1);
  }

  #dropped(from: number, to: number, reason: string): void {
    const count = to - from + 1;
    this.#findings.gaps_reported += 1;
    this.#findings.packets_in_gaps += count;
    if (!permittedReason.test(reason)) this.#offend("lost", from, `up to ${to}: ${reason}`, count);
    else for (const seq of this.#events(from, to)) this.#offend("lost", seq, "an event, in a gap");
  }

  #events(from: number, to: number): number[] {
    const all = Array.from({ length: to - from + 1 }, (_, place) => from + place);
    return all.filter((seq) => packetOf(this.#account.series, seq).type === keptType);
  }

  async #compare(row: Row): Promise<void> {
    const { series } = this.#account;
    const packet = packetOf(series, row.seq);
    if (!isSame(row, packet)) return this.#offendByContent(row);
    const error = Math.abs(row.created_at - madeAt(series, row.seq));
    this.#findings.largest_time_error_ms = Math.max(this.#findings.largest_time_error_ms, error);
    if (error > maxTimeErrorMs) this.#offend("wrong_content", row.seq, `created_at is off by ${error} ms`);
    for (const blob of blobsIn(packet.val)) {
      const hash = sha256(blob);
      const bytes = await readFile(join(this.#blobFolder, hash.slice(0, 2), hash));
      if (sha256(bytes) !== hash) this.#offend("wrong_content", row.seq, `blob ${hash} is damaged`);
    }
  }

  #offendByContent(row: Row): void {
    const place = placeNear(row, this.#account.series);
    if (place === undefined) this.#offend("wrong_content", row.seq, JSON.stringify(row).slice(0, 300));
    else this.#offend("out_of_order", row.seq, `is packet ${place}`);
  }

  #offend(what: "lost" | "doubled" | "out_of_order" | "wrong_content", seq: number, detail = "", count = 1): void {
    this.#findings[what] += count;
    this.#onOffence({ what, stream: this.#account.series.name, seq, detail });
  }
}

/** The place at which the row would be right. */
function placeNear(row: Row, series: PacketSeries): number | undefined {
  for (let distance = 1; distance <= searchedPlaces; distance++) {
    for (const seq of [row.seq - distance, row.seq + distance]) {
      if (seq >= 1 && isSame(row, packetOf(series, seq))) return seq;
    }
  }
  return undefined;
}

function isSame(row: Row, packet: Packet): boolean {
  return (
    row.robot_id === packet.robot_id &&
    row.robot_type === packet.robot_type &&
    row.data_type === packet.type &&
    isDeepStrictEqual(row.payload, { value: storedValue(packet.val) })
  );
}

function gapOf({ payload }: Row) {
  const value = typeof payload === "object" && payload !== null ? Reflect.get(payload, "value") : undefined;
  const gap = validate.relayGap(value);
  return gap.ok ? gap.value : undefined;
}

/** By and by, so that a table of millions of rows fits. */
async function* rowsOf(pool: pg.Pool, streamIds: readonly string[]): AsyncGenerator<Row> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query(
      `declare stream_rows no scroll cursor for
       select seq::float8, robot_id, robot_type, data_type, payload,
         (extract(epoch from created_at) * 1000)::float8 as created_at
       from robot_telemetry where stream_id = any ('{${streamIds.join(",")}}') order by robot_telemetry.seq, id`,
    );
    for (;;) {
      const { rows } = await client.query<Row>(`fetch ${rowsPerFetch} from stream_rows`);
      if (rows.length === 0) break;
      yield* rows;
    }
    await client.query("commit");
  } finally {
    client.release();
  }
}

/** Rows of nobody's stream. */
async function countStrays(pool: pg.Pool, accounts: readonly Account[], onOffence: OnOffence): Promise<number> {
  const { rows } = await pool.query<{ stream_id: string | null; count: number }>(
    `select stream_id, count(*)::int as count from robot_telemetry
     where stream_id is null or stream_id <> all ($1) group by stream_id`,
    [accounts.flatMap(({ journal }) => journal.streamIds)],
  );
  for (const { stream_id, count } of rows) {
    onOffence({ what: "doubled", stream: stream_id ?? "none", seq: 1, detail: `${count} rows of nobody's stream` });
  }
  return rows.reduce((sum, { count }) => sum + count, 0);
}
