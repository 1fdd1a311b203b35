/** What an export of features tells people. */
import type { FeatureReport } from "./export-features.ts";

/** One line on what was written, and one for everything that was not. */
export function describeFeatures(out: string, report: FeatureReport): string[] {
  const { rows, written, absorbed, unlabelled, invalid, problem } = report;
  const many = (count: number) => count.toLocaleString("en");
  return [
    `${out}: ${many(written)} examples from ${many(rows)} rows, ${many(absorbed)} of them parts of a later example`,
    ...(unlabelled === 0 ? [] : [`  ${many(unlabelled)} examples without a label are left out`]),
    ...(problem === undefined ? [] : [`  ${many(invalid)} rows do not fit the policy, as ${problem}`]),
  ];
}
