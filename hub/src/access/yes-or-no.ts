import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Reads a switch of the command line or the environment. An empty text is no. */
export function yesOrNo(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off|)$/i.test(text)) return false;
  throw new InvalidArgumentError(`expected yes or no (1, 0, true, false); got ${text}`);
}
