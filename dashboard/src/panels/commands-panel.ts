/** What robots were asked to do and what became of it, newest first; one row while a sender goes on asking the same. */
import { CommandStatus } from "@physical-ai/unity-protocol";
import { byId, element, KeyedList, type Panel, setData, setText, type View } from "../dom.ts";
import { formatAge, formatBrief } from "../format.ts";
import type { CommandRun } from "../state/commands.ts";
import type { State } from "../state/state.ts";

export function createCommandsPanel(state: State): Panel {
  const empty = byId("commands-empty", HTMLElement);
  const list = new KeyedList(byId("commands", HTMLElement), (run: CommandRun) => String(run.id), createRunView);
  return {
    update(now) {
      list.show(state.commands.runs, now);
      empty.hidden = state.commands.runs.length > 0;
    },
  };
}

function createRunView(run: CommandRun): View<CommandRun> {
  const status = element("span", "status");
  const who = element("p", "run-detail", `${run.sender} → ${run.robotId}`);
  const facts = element("p", "run-facts");
  const root = element(
    "li",
    "run",
    element("p", "run-line", element("span", "run-title", run.action), status),
    who,
    facts,
  );
  return {
    root,
    update(current, now) {
      setData(status, "status", current.newest.status);
      setText(status, current.newest.status);
      setText(facts, factsOf(current, now));
    },
  };
}

function factsOf({ counts, newest, at }: CommandRun, now: number): string {
  const tallies = CommandStatus.enum
    .map((status) => ({ status, count: counts.get(status) ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`);
  if (newest.result !== undefined) tallies.push(formatBrief(newest.result, 80));
  const age = formatAge(now - at);
  return [...tallies, ...(age === "now" ? [] : [`${age} ago`])].join(" · ");
}
