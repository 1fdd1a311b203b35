/** Where one episode ends and the next begins. */
import { compileValidator } from "@physical-ai/unity-protocol";
import Type from "typebox";
import type { Row } from "./rows.ts";

/** How a robot's rows fall into episodes. */
export type EpisodeRule =
  /** Each command (of this name) begins one. */
  | { readonly by: "command"; readonly command: string | undefined }
  /** A silence of the chosen fields longer than this ends one. */
  | { readonly by: "gap"; readonly gapMs: number }
  /** Packets of the type `episode` say so. */
  | { readonly by: "packet" };

/** The `val` of an `episode` packet: what a robot, or who drives it, says about a recording. */
export const EpisodeMark = Type.Object(
  {
    event: Type.Enum(["start", "end"]),
    /** In words: "bring the cup to the table". Counts at the start. */
    task: Type.Optional(Type.String({ minLength: 1 })),
  },
  { $id: "episode" },
);
export type EpisodeMark = Type.Static<typeof EpisodeMark>;
export const episodeType = "episode";

const validateMark = compileValidator("an episode packet", EpisodeMark);

const durationsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/**
 * Reads `command`, `command:fetch`, `gap:5s`, `packet`.
 *
 * @throws when the text has another form
 */
export function parseEpisodeRule(text: string): EpisodeRule {
  const [kind, detail] = text.split(/:(.*)/s);
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(detail ?? "") ?? [];
  const gapMs = Number(number) * (durationsMs[unit] ?? Number.NaN);
  if (kind === "gap" && gapMs > 0) return { by: "gap", gapMs };
  if (kind === "command" && detail !== "") return { by: "command", command: detail };
  if (kind === "packet" && detail === undefined) return { by: "packet" };
  throw new Error(`expected command, command:<name>, gap:<time> as in gap:5s, or packet; got ${text}`);
}

/** What a row means for episodes, before it is taken as a reading. */
export type Boundary =
  | { readonly kind: "none" }
  | { readonly kind: "begin"; readonly task: string | undefined }
  | { readonly kind: "end" }
  | { readonly kind: "invalid"; readonly problem: string };

const none: Boundary = { kind: "none" };

/** Reads rows in the order of time and says where episodes begin and end. */
export class EpisodeBoundaries {
  readonly #rule: EpisodeRule;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(rule: EpisodeRule) {
    this.#rule = rule;
  }

  of(row: Row): Boundary {
    const rule = this.#rule;
    if (rule.by === "gap") return this.#byGap(rule.gapMs, row);
    return rule.by === "command" ? byCommand(rule.command, row) : byPacket(row);
  }

  #byGap(gapMs: number, { atMs }: Row): Boundary {
    const silentMs = atMs - this.#lastMs;
    this.#lastMs = atMs;
    return silentMs > gapMs ? { kind: "begin", task: undefined } : none;
  }
}

function byCommand(command: string | undefined, { source, type }: Row): Boundary {
  return source === "command" && type === (command ?? type) ? { kind: "begin", task: type } : none;
}

function byPacket({ source, type, value }: Row): Boundary {
  if (source !== "telemetry" || type !== episodeType) return none;
  const mark = validateMark(value);
  if (!mark.ok) return { kind: "invalid", problem: mark.problem };
  return mark.value.event === "end" ? { kind: "end" } : { kind: "begin", task: mark.value.task };
}
