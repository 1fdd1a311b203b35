/** How a reading's value of each shape is drawn. */
import { element, KeyedList, setData, setShare, setText, type View } from "../dom.ts";
import { formatNumber } from "../format.ts";
import type { Reading, Sample } from "../state/state.ts";
import type { Row, ValueShape } from "./value-shape.ts";

/** Draws values of the shape that it was made for, and leaves others alone. */
export interface ReadingChart {
  readonly root: Element;
  update(shape: ValueShape, reading: Reading, now: number): void;
}

/** Units that the contract fixes. */
const units: Readonly<Record<string, string>> = { battery: "%" };

/** Of a sparkline, in its own units. */
const width = 120;
const height = 30;
const longestSpanMs = 60_000;
const shortestSpanMs = 10_000;
const margin = 2;
const svgNamespace = "http://www.w3.org/2000/svg";

export function createReadingChart(kind: ValueShape["kind"], reading: Reading): ReadingChart {
  switch (kind) {
    case "scalar":
      return createScalar(units[reading.type] ?? "");
    case "rows":
      return new RowsChart();
    case "strip":
      return new StripChart();
    case "text":
      return createText();
  }
}

function createScalar(unit: string): ReadingChart {
  const number = element("span", "scalar-number");
  const value = element("p", "scalar-value", number, element("span", "scalar-unit", unit));
  const sparkline = createSparkline();
  return {
    root: element("div", "scalar", value, sparkline.root),
    update(shape, reading, now) {
      if (shape.kind !== "scalar") return;
      setText(number, formatNumber(shape.value));
      sparkline.update(reading.history.items, now);
    },
  };
}

/** Each group of numbers has a scale that grows with the largest number seen. */
class RowsChart implements ReadingChart {
  readonly root = element("dl", "rows");
  readonly #largest = new Map<string, number>();
  readonly #list = new KeyedList(
    this.root,
    (row: Row) => row.name,
    (row) => createRow(row, this.#largest),
  );

  update(shape: ValueShape, _reading: Reading, now: number): void {
    if (shape.kind !== "rows") return;
    for (const { group, value } of shape.rows) {
      if (typeof value !== "number") continue;
      this.#largest.set(group, Math.max(this.#largest.get(group) ?? 0, Math.abs(value)));
    }
    this.#list.show(shape.rows, now);
  }
}

function createRow({ name }: Row, largest: ReadonlyMap<string, number>): View<Row> {
  const bar = element("span", "signed-bar");
  const text = element("span", "row-value");
  return {
    root: element("div", "row", element("dt", "", name), element("dd", "", bar, text)),
    update({ value, group }) {
      const isNumber = typeof value === "number";
      bar.hidden = !isNumber;
      setText(text, isNumber ? formatNumber(value) : value);
      if (!isNumber) return;
      setShare(bar, Math.abs(value) / (largest.get(group) || 1));
      setData(bar, "sign", value < 0 ? "minus" : "plus");
    },
  };
}

/** Columns on a scale that grows with the largest number seen. */
class StripChart implements ReadingChart {
  readonly root = element("div", "strip");
  #largest = 0;

  constructor() {
    this.root.setAttribute("role", "img");
  }

  update(shape: ValueShape): void {
    if (shape.kind !== "strip") return;
    const { numbers } = shape;
    const { root } = this;
    this.#largest = Math.max(this.#largest, ...numbers.map(Math.abs));
    while (root.childElementCount > numbers.length) root.lastElementChild?.remove();
    while (root.childElementCount < numbers.length) root.append(element("span", "column"));
    [...root.children].forEach((column, index) => {
      const number = numbers[index] ?? 0;
      if (column instanceof HTMLElement) setShare(column, Math.abs(number) / (this.#largest || 1));
    });
    const range = `${formatNumber(Math.min(...numbers))} to ${formatNumber(Math.max(...numbers))}`;
    root.title = `${numbers.length} numbers, ${range}`;
    root.setAttribute("aria-label", root.title);
  }
}

function createText(): ReadingChart {
  const root = element("p", "reading-text");
  return {
    root,
    update(shape) {
      if (shape.kind === "text") setText(root, shape.text);
    },
  };
}

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

function createSparkline(): { root: SVGElement; update(samples: readonly Sample[], now: number): void } {
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
