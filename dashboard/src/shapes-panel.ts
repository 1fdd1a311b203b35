/** Payloads that have begun to look different: what was trained on them may not fit any more. */
import { byId, element, keyedList, setText, type View } from "./dom.ts";
import { formatAge } from "./format.ts";
import { keyOfChange, type SchemaChange } from "./schema-changes.ts";
import type { State } from "./state.ts";

export function createShapesPanel(state: State): (now: number) => void {
  const panel = byId("shapes", HTMLElement);
  const show = keyedList(panel, keyOfChange, (change) => createChangeView(change, state));
  return (now) => {
    show(state.schemaChanges.shown, now);
    panel.hidden = state.schemaChanges.shown.length === 0;
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
