/** How a value of each shape is drawn. */
import { element, keyedList, setData, setShare, setText, type View } from "./dom.ts";
import { formatNumber } from "./format.ts";
import { createSparkline } from "./sparkline.ts";
import type { Reading } from "./state.ts";
import type { Row, ValueShape } from "./value-shape.ts";

/** Draws values of the shape that it was made for, and leaves others alone. */
export interface ReadingBody {
  readonly root: Element;
  update(shape: ValueShape, reading: Reading, now: number): void;
}

/** Units that the contract fixes. */
const units: Readonly<Record<string, string>> = { battery: "%" };

export function createReadingBody(kind: ValueShape["kind"], reading: Reading): ReadingBody {
  switch (kind) {
    case "scalar":
      return createScalar(units[reading.type] ?? "");
    case "rows":
      return createRows();
    case "strip":
      return createStrip();
    case "text":
      return createText();
  }
}

function createScalar(unit: string): ReadingBody {
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
function createRows(): ReadingBody {
  const root = element("dl", "rows");
  const largest = new Map<string, number>();
  const show = keyedList(
    root,
    (row: Row) => row.name,
    (row) => createRow(row, largest),
  );
  return {
    root,
    update(shape, _reading, now) {
      if (shape.kind !== "rows") return;
      for (const { group, value } of shape.rows) {
        if (typeof value === "number") largest.set(group, Math.max(largest.get(group) ?? 0, Math.abs(value)));
      }
      show(shape.rows, now);
    },
  };
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

function createStrip(): ReadingBody {
  const root = element("div", "strip");
  root.setAttribute("role", "img");
  let largest = 0;
  return {
    root,
    update(shape) {
      if (shape.kind !== "strip") return;
      const { numbers } = shape;
      largest = Math.max(largest, ...numbers.map(Math.abs));
      while (root.childElementCount > numbers.length) root.lastElementChild?.remove();
      while (root.childElementCount < numbers.length) root.append(element("span", "column"));
      [...root.children].forEach((column, index) => {
        const number = numbers[index] ?? 0;
        if (column instanceof HTMLElement) setShare(column, Math.abs(number) / (largest || 1));
      });
      const range = `${formatNumber(Math.min(...numbers))} to ${formatNumber(Math.max(...numbers))}`;
      root.title = `${numbers.length} numbers, ${range}`;
      root.setAttribute("aria-label", root.title);
    },
  };
}

function createText(): ReadingBody {
  const root = element("p", "reading-text");
  return {
    root,
    update(shape) {
      if (shape.kind === "text") setText(root, shape.text);
    },
  };
}
