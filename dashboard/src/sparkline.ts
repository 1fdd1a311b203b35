/** A line of the last minute. */
import type { Sample } from "./state.ts";

const width = 120;
const height = 30;
const longestSpanMs = 60_000;
const shortestSpanMs = 10_000;
const margin = 2;
const svgNamespace = "http://www.w3.org/2000/svg";

/**
 * The points of a polyline for samples up to `now`: a minute, or as much as there is of it. A value that never changes
 * lies in the middle.
 */
export function sparklinePoints(samples: readonly Sample[], now: number): string {
  const recent = samples.filter((sample) => sample.at >= now - longestSpanMs);
  const spanMs = Math.max(shortestSpanMs, now - (recent[0]?.at ?? now));
  const values = recent.map((sample) => sample.value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  return recent
    .map(({ at, value }) => {
      const x = width * (1 - (now - at) / spanMs);
      const share = high === low ? 0.5 : (value - low) / (high - low);
      const y = height - margin - share * (height - 2 * margin);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

export function createSparkline(): { root: SVGElement; update(samples: readonly Sample[], now: number): void } {
  const root = document.createElementNS(svgNamespace, "svg");
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.setAttribute("preserveAspectRatio", "none");
  root.setAttribute("class", "sparkline");
  root.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(svgNamespace, "polyline");
  root.append(line);
  return {
    root,
    update(samples, now) {
      line.setAttribute("points", sparklinePoints(samples, now));
    },
  };
}
