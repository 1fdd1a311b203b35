/** The values of command-line options and environment variables: what all programs of the project read the same way. */
import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { messageOf } from "../errors.ts";

/** Reads a switch. An empty text is no. */
export function yesOrNo(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off|)$/i.test(text)) return false;
  throw new InvalidArgumentError(`expected yes or no (1, 0, true, false); got ${text}`);
}

/** Reads whole numbers within these bounds: counts, ports, seeds. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  return (text) => {
    const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`expected a whole number ${bounds}; got ${text}`);
  };
}

/** Reads a number above 0, fractions allowed. */
export function positiveNumber(text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError(`expected a number above 0; got ${text}`);
}

/** Reads a number of days, as in `30d`. */
export function days(text: string): number {
  const number = Number(/^(\d{1,5})d$/.exec(text)?.[1]);
  if (number >= 1) return number;
  throw new InvalidArgumentError(`expected a number of days from 1 on, as in 30d; got ${text}`);
}

/** Reads a moment in ISO 8601, also as psql prints it; it is in UTC, as rows and files are, where no zone is said. */
export function moment(text: string): Date {
  const [, day, time = "00:00", sign, hours, minutes = "00"] = momentForm.exec(text) ?? [];
  // A plus in a URL becomes a space.
  const zone = sign === undefined ? "Z" : `${sign.replace(" ", "+")}${hours}:${minutes}`;
  const date = new Date(day === undefined ? Number.NaN : `${day}T${time}${zone}`);
  if (!Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError(
    `expected a moment as in 2026-03-01 or 2026-03-01T08:00:00Z (UTC where no zone is said); got ${text}`,
  );
}

const momentForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:Z|([-+ ])(\d{2}):?(\d{2})?)?)?$/;

/** Reads addresses with one of these protocols, as in `urlOf("http", "https")`. It keeps the text as it is. */
export function urlOf(...protocols: readonly string[]): (text: string) => string {
  const expected = protocols.map((protocol) => `${protocol}://host:port`).join(" or ");
  return (text) => {
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1))) return text;
    throw new InvalidArgumentError(`expected ${expected}; got ${text}`);
  };
}

/** Reads several texts with commas between them. */
export function commaSeparated(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Reads the path of a folder. An empty text would mean whatever folder the process was started in. */
export function folder(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("expected the path of a folder; got an empty text: name one, or leave the option out");
}

/** Reads the text in a file, such as a token, without spaces around it. */
export function textIn(file: string): string {
  const text = readBy(() => readFileSync(file, "utf8").trim())(file);
  if (text !== "") return text;
  throw new InvalidArgumentError(`expected a file with a text in it; ${file} is empty`);
}

/** Reads names with commas between them, one at least: a variable that happens to be empty must not mean all of them. */
export function names(text: string): string[] {
  const found = commaSeparated(text);
  // PostgreSQL's texts hold none.
  if (found.length > 0 && !text.includes("\0")) return found;
  throw new InvalidArgumentError(`expected a name, or several with commas between them; got ${JSON.stringify(text)}`);
}

/** @throws when a span of time ends where it begins, or before: nothing lies in it */
export function requireSpan({ since, until }: { since?: Date | undefined; until?: Date | undefined }): void {
  if (since === undefined || until === undefined || since < until) return;
  throw new InvalidArgumentError(`expected since before until; got ${since.toISOString()} and ${until.toISOString()}`);
}

/** A reader out of a function that throws on what it does not understand. */
export function readBy<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}
