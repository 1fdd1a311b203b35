/** The newest value of each data type of the selected robot. */
import { byId, element, keyedList, setData, setText, type View } from "./dom.ts";
import { formatAge, formatRate } from "./format.ts";
import { createReadingBody, type ReadingBody } from "./reading-body.ts";
import type { Reading, State } from "./state.ts";
import { shapeOf, type ValueShape } from "./value-shape.ts";

const staleMs = 5_000;
const shapeOrder: readonly ValueShape["kind"][] = ["scalar", "strip", "rows", "text"];

export function createReadingsPanel(state: State): (now: number) => void {
  const scalars = byId("scalars", HTMLElement);
  const others = byId("readings", HTMLElement);
  const empty = byId("readings-empty", HTMLElement);
  const keyOf = (reading: Reading) => `${state.selectedId} ${reading.type}`;
  const showScalars = keyedList(scalars, keyOf, createReadingView);
  const showOthers = keyedList(others, keyOf, createReadingView);
  return (now) => {
    const readings = [...(state.selected?.readings.values() ?? [])].sort(inReadingOrder);
    showScalars(readings.filter(isScalar), now);
    showOthers(
      readings.filter((reading) => !isScalar(reading)),
      now,
    );
    empty.hidden = readings.length > 0;
  };
}

function isScalar(reading: Reading): boolean {
  return shapeOf(reading.value).kind === "scalar";
}

/** Cards of the same shape lie together, by name. */
function inReadingOrder(a: Reading, b: Reading): number {
  const order = (reading: Reading) => shapeOrder.indexOf(shapeOf(reading.value).kind);
  return order(a) - order(b) || a.type.localeCompare(b.type);
}

function describeRate(perSecond: number): string {
  return perSecond < 0.05 ? "" : `${formatRate(perSecond)} Hz`;
}

function createReadingView(reading: Reading): View<Reading> {
  const rate = element("span", "reading-rate");
  const header = element("header", "reading-header", element("h3", "", reading.type), rate);
  const root = element("article", "reading", header);
  let body: ReadingBody | undefined;
  let shown: { value: unknown; at: number } | undefined;
  return {
    root,
    update(current, now) {
      const age = now - current.at;
      setData(root, "stale", String(age > staleMs));
      setText(rate, age > staleMs ? `${formatAge(age)} ago` : describeRate(current.rate.perSecond(now)));
      if (shown?.at === current.at && shown.value === current.value) return;
      shown = { value: current.value, at: current.at };
      const shape = shapeOf(current.value);
      if (body === undefined || root.dataset["shape"] !== shape.kind) {
        body?.root.remove();
        body = createReadingBody(shape.kind, current);
        root.append(body.root);
        setData(root, "shape", shape.kind);
      }
      body.update(shape, current, now);
    },
  };
}
