/** Which fault comes in which round: the seed decides. */
import { createDice, type Dice } from "./dice.ts";
import { type Fault, faults } from "./faults.ts";

/** One round before it happens. */
export interface Round {
  number: number;
  fault: Fault;
  /** Decides everything else about it. */
  dice: Dice;
  /** How long the fault lasts, unless it is a long one. */
  holdMs: number;
  /** The next round does not wait for the end of this one. */
  overlaps: boolean;
  /** The system has so long to recover before the next round: sometimes enough, sometimes not. */
  restMs: number;
}

/** Every so many rounds a fault lasts longer than timeouts. */
const longEvery = 8;
/** The share of faults that go on while the next one happens; a long one always does. */
const overlapShare = 0.25;

/**
 * All rounds of a run. Every kind comes before one comes again.
 *
 * @param kinds only these faults; all of them when missing
 */
export function planRounds(rounds: number, seed: number, kinds?: readonly string[]): Round[] {
  const among = kinds === undefined ? faults : kinds.map(faultOf);
  const long = among.filter((fault) => fault.long);
  const short = among.filter((fault) => !fault.long);
  const dealShort = dealer(short.length === 0 ? long : short, createDice(seed, 1));
  const dealLong = dealer(long.length === 0 ? short : long, createDice(seed, 2));
  return Array.from({ length: rounds }, (_, index) => {
    const number = index + 1;
    const dice = createDice(seed, 3, number);
    const fault = number % longEvery === 0 ? dealLong() : dealShort();
    const overlaps = fault.long ?? dice.fraction() < overlapShare;
    return { number, fault, dice, holdMs: dice.between(50, 2_500), overlaps, restMs: dice.between(0, 2_000) };
  });
}

/** @throws when there is no such kind */
export function faultOf(kind: string): Fault {
  const fault = faults.find((candidate) => candidate.kind === kind);
  if (fault !== undefined) return fault;
  throw new Error(`no fault ${kind}; there are ${faults.map((candidate) => candidate.kind).join(", ")}`);
}

function dealer<T>(items: readonly T[], dice: Dice): () => T {
  let deck: T[] = [];
  return () => {
    if (deck.length === 0) deck = dice.shuffled(items);
    const item = deck.pop();
    if (item === undefined) throw new Error("there is nothing to deal");
    return item;
  };
}
