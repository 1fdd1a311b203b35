/** What a relay's log has accepted, noted beside it at each step, so that it can be held against what the table has. */
import { closeSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** A relay process writes it. Each line is handed to the operating system before the call returns. */
interface JournalWriter {
  /** The log was opened and ends at `seq`. */
  opened(streamId: string, seq: number): void;
  /** The log has acknowledged everything up to `seq`. */
  accepted(seq: number): void;
  /** The source is silent after `seq`. */
  silent(seq: number): void;
  close(): void;
}

/** What the journal says in the end. */
export interface JournalSummary {
  /** More than one when the relay has lost its log. */
  streamIds: readonly string[];
  /** The last packet that the log has acknowledged, or was found to have. */
  accepted: number;
  /** Packets that the log had acknowledged, and did not have when it was opened again. */
  lostByLog: number;
  /** The source has made nothing since. */
  silent: boolean;
}

/** Opens a journal to write to its end. */
export function openJournal(file: string): JournalWriter {
  const handle = openSync(file, "a");
  const note = (...words: readonly (string | number)[]) => writeSync(handle, `${words.join(" ")}\n`);
  return {
    opened: (streamId, seq) => note("opened", seq, streamId),
    accepted: (seq) => note("accepted", seq),
    silent: (seq) => note("silent", seq),
    close: () => closeSync(handle),
  };
}

/** Reads a journal; one that is not there yet is empty. */
export async function readJournal(file: string): Promise<JournalSummary> {
  const text = await readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return summarise(text);
}

/** Reads a journal's text. A line that is still being written does not count. */
export function summarise(text: string): JournalSummary {
  const streamIds = new Set<string>();
  let accepted = 0;
  let lostByLog = 0;
  let silent = false;
  for (const line of text.split("\n").slice(0, -1)) {
    const [what, number, streamId] = line.split(" ");
    const seq = Number(number);
    if (what === "opened") {
      if (streamId !== undefined) streamIds.add(streamId);
      lostByLog += Math.max(0, accepted - seq);
    }
    accepted = seq;
    silent = what === "silent";
  }
  return { streamIds: [...streamIds], accepted, lostByLog, silent };
}
