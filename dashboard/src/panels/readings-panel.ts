/** The newest value of each data type of the selected robot, and payloads that have begun to look different. */
import { byId, element, KeyedList, type Panel, setData, setText, type View } from "../dom.ts";
import { formatAge, formatRate } from "../format.ts";
import { keyOfChange, type SchemaChange } from "../state/schema-changes.ts";
import type { Reading, State } from "../state/state.ts";
import { createReadingChart, type ReadingChart } from "./reading-charts.ts";
import { shapeOf, type ValueShape } from "./value-shape.ts";

const staleMs = 5_000;
const shapeOrder: readonly ValueShape["kind"][] = ["scalar", "strip", "rows", "text"];

export function createReadingsPanel(state: State): Panel {
  const empty = byId("readings-empty", HTMLElement);
  const keyOf = (reading: Reading) => `${state.selectedId} ${reading.type}`;
  const createView = (reading: Reading) => new ReadingView(reading);
  const scalars = new KeyedList(byId("scalars", HTMLElement), keyOf, createView);
  const others = new KeyedList(byId("readings", HTMLElement), keyOf, createView);
  return {
    update(now) {
      const readings = [...(state.selected?.readings.values() ?? [])].sort(inReadingOrder);
      const isOther = (reading: Reading) => !isScalar(reading);
      scalars.show(readings.filter(isScalar), now);
      others.show(readings.filter(isOther), now);
      empty.hidden = readings.length > 0;
    },
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

/** A card; its chart is another one when the value gets another shape. */
class ReadingView implements View<Reading> {
  readonly root: HTMLElement;
  readonly #rate = element("span", "reading-rate");
  #chart: ReadingChart | undefined;
  #shown: { value: unknown; at: number } | undefined;

  constructor({ type }: Reading) {
    const header = element("header", "reading-header", element("h3", "", type), this.#rate);
    this.root = element("article", "reading", header);
  }

  update(reading: Reading, now: number): void {
    const age = now - reading.at;
    setData(this.root, "stale", String(age > staleMs));
    setText(this.#rate, age > staleMs ? `${formatAge(age)} ago` : describeRate(reading.rate.perSecond(now)));
    if (this.#shown?.at === reading.at && this.#shown.value === reading.value) return;
    this.#shown = { value: reading.value, at: reading.at };
    const shape = shapeOf(reading.value);
    this.#chartOf(shape.kind, reading).update(shape, reading, now);
  }

  #chartOf(kind: ValueShape["kind"], reading: Reading): ReadingChart {
    if (this.#chart !== undefined && this.root.dataset["shape"] === kind) return this.#chart;
    this.#chart?.root.remove();
    this.#chart = createReadingChart(kind, reading);
    this.root.append(this.#chart.root);
    setData(this.root, "shape", kind);
    return this.#chart;
  }
}

/** What was trained on payloads that look different now may not fit any more. */
export function createSchemaChangesPanel(state: State): Panel {
  const panel = byId("shapes", HTMLElement);
  const list = new KeyedList(panel, keyOfChange, (change) => createChangeView(change, state));
  return {
    update(now) {
      list.show(state.schemaChanges.shown, now);
      panel.hidden = state.schemaChanges.shown.length === 0;
    },
  };
}

function createChangeView(change: SchemaChange, state: State): View<SchemaChange> {
  const title = element("p", "shape-title", `${change.robot_type} · ${change.type} looks different`);
  const age = element("span", "muted");
  const sentences = change.changes.map((sentence) => element("li", "", sentence));
  const advice = "Data from before and after do not look alike: check what is trained on it, or runs on it.";
  const done = element("button", "button", "Got it");
  done.type = "button";
  done.addEventListener("click", () => state.dismissSchemaChange(change));
  const root = element(
    "div",
    "shape",
    element("div", "shape-line", title, age, done),
    element("ul", "shape-changes", ...sentences),
    element("p", "muted", advice),
  );
  return {
    root,
    update(current, now) {
      const passed = formatAge(now - current.at);
      setText(age, `version ${current.version} · ${passed === "now" ? passed : `${passed} ago`}`);
    },
  };
}
