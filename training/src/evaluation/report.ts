/** An evaluation for people. */
import type { Figures } from "./evaluate.ts";
import type { Confusion } from "./score.ts";

/** Lines of text without a last line feed: rows, speed, agreement and accuracy; where there are labels, the confusion. */
export function describeFigures(figures: Figures): string {
  const { policy, model_version, rows, predicted, absorbed, invalid, problem, labelled, stored, latency_ms } = figures;
  const versions = Object.entries(stored.model_versions).map(([version, count]) => `${count} by ${version}`);
  return [
    `${policy} ${model_version}`,
    `${rows} rows, ${figures.rows_per_s} a second: ${predicted} predictions, ${absorbed} rows kept for later ones, ${invalid} without the numbers${problem === undefined ? "" : `, as ${problem}`}`,
    `one prediction takes ${latency_ms.p50.toFixed(2)} ms (p50), ${latency_ms.p99.toFixed(2)} ms (p99)`,
    stored.compared === 0
      ? "nothing was predicted then"
      : `agrees with ${percent(stored.agreement)} of ${stored.compared} predictions of then (${versions.join(", ")})`,
    labelled === 0
      ? "no labels"
      : `accuracy ${share(figures.accuracy)} on ${labelled} labelled rows; the predictions of then ${share(stored.accuracy)}`,
    ...(labelled === 0 ? [] : ["", confusionTable(figures.confusion)]),
  ].join("\n");
}

/** The true label at the left, what it was taken for above. */
function confusionTable(confusion: Confusion): string {
  const predicted = [...new Set(Object.values(confusion).flatMap((row) => Object.keys(row)))].sort();
  const rows = Object.entries(confusion).sort(([a], [b]) => a.localeCompare(b));
  const heading = "true \\ predicted";
  const first = Math.max(heading.length, ...rows.map(([label]) => label.length));
  const line = (start: string, cells: readonly (string | number)[]) =>
    [start.padEnd(first), ...cells.map((cell, index) => String(cell).padStart(predicted[index]?.length ?? 0))].join(
      "  ",
    );
  return [
    line(heading, predicted),
    ...rows.map(([label, row]) =>
      line(
        label,
        predicted.map((name) => row[name] ?? 0),
      ),
    ),
  ].join("\n");
}

const percent = (part = 0) => `${(100 * part).toFixed(1)} %`;
const share = (part: number | undefined) => part?.toFixed(4) ?? "unknown";
