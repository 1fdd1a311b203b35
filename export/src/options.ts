/** Which stored rows are meant, and of which database: the options of exports and evaluations. A door of its own. */
import { Option } from "@commander-js/extra-typings";
import { moment, names } from "@physical-ai/service/options";

/** Reads names with commas between them, and adds them to those of the same option before. */
export const collect = (text: string, before: string[] = []) => [...before, ...names(text)];

export const robotOption = () =>
  new Option("--robot <ids>", "of these robots only, with commas between them; may be repeated").argParser(collect);

export const sinceOption = () =>
  new Option(
    "--since <moment>",
    "rows from this moment on, as in 2026-03-01T08:00; UTC unless it ends in a zone, as in +09:00",
  ).argParser(moment);

export const untilOption = () => new Option("--until <moment>", "rows before this moment").argParser(moment);
