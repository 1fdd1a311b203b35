import { expect, test } from "vitest";
import { faults } from "./faults.ts";
import { planRounds, type Round } from "./rounds.ts";

const described = (rounds: readonly Round[]) =>
  rounds.map(({ fault, dice, ...rest }) => ({ ...rest, kind: fault.kind, next: dice.fraction() }));

test("the seed decides everything", () => {
  expect(described(planRounds(50, 7))).toEqual(described(planRounds(50, 7)));
  expect(described(planRounds(50, 7))).not.toEqual(described(planRounds(50, 8)));
});

test("a longer run begins as a shorter one does", () => {
  expect(described(planRounds(50, 7)).slice(0, 20)).toEqual(described(planRounds(20, 7)));
});

test("every kind comes in a long run, and none that is long in the few rounds of a short one", () => {
  const kinds = new Set(planRounds(200, 1).map(({ fault }) => fault.kind));
  expect([...kinds].sort()).toEqual(faults.map(({ kind }) => kind).sort());
  expect(planRounds(6, 1).filter(({ fault }) => fault.long)).toEqual([]);
});

test("only the kinds that were asked for come", () => {
  const kinds = new Set(planRounds(20, 1, ["kill_hub", "forget_relay_link"]).map(({ fault }) => fault.kind));
  expect(kinds).toEqual(new Set(["kill_hub", "forget_relay_link"]));
});
