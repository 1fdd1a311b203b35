/** The selected robot's predictions, newest first; one row while a policy goes on saying the same. */
import type { Prediction } from "@physical-ai/unity-protocol";
import { byId, element, keyedList, setShare, setText, type View } from "./dom.ts";
import { formatAge, formatBrief, formatMs, formatPercent } from "./format.ts";
import type { PredictionRun } from "./predictions.ts";
import type { State } from "./state.ts";

export function createPredictionsPanel(state: State): (now: number) => void {
  const list = byId("predictions", HTMLElement);
  const empty = byId("predictions-empty", HTMLElement);
  const show = keyedList(list, (run: PredictionRun) => `${state.selectedId} ${run.id}`, createRunView);
  return (now) => {
    const runs = state.selected?.predictions.runs ?? [];
    show(runs, now);
    empty.hidden = runs.length > 0;
  };
}

function createRunView(): View<PredictionRun> {
  const title = element("span", "run-title");
  const count = element("span", "run-count");
  const share = element("span", "run-share");
  const bar = element("div", "confidence");
  const what = element("p", "run-detail");
  const facts = element("p", "run-facts");
  const root = element("li", "run", element("p", "run-line", title, count, share), bar, what, facts);
  return {
    root,
    update({ prediction, count: times, at }, now) {
      setText(title, titleOf(prediction));
      setText(count, countOf(times, now - at));
      setText(share, prediction.confidence === undefined ? "" : formatPercent(prediction.confidence));
      bar.hidden = prediction.confidence === undefined;
      setShare(bar, prediction.confidence ?? 0);
      setText(what, detailOf(prediction));
      setText(facts, factsOf(prediction));
    },
  };
}

function titleOf(prediction: Prediction): string {
  const said = prediction.label ?? prediction.message;
  if (said !== undefined) return said;
  return prediction.action === undefined
    ? formatBrief(prediction.values ?? prediction.kind)
    : describeAction(prediction.action);
}

function describeAction(action: NonNullable<Prediction["action"]>): string {
  if (Array.isArray(action)) return `action ${formatBrief(action)}`;
  return `${action.steps.length} actions, ${formatMs(action.dt_ms)} each`;
}

function detailOf({ policy, label, message, command }: Prediction): string {
  const said = label !== undefined && message !== undefined ? [policy, message] : [policy];
  const asked = command === undefined ? [] : [`${command.action} ${formatBrief(command.params ?? "", 60)}`.trimEnd()];
  return [said.join(" · "), ...asked].join(" → ");
}

function countOf(times: number, ageMs: number): string {
  const age = formatAge(ageMs);
  return [...(times > 1 ? [`× ${times}`] : []), ...(age === "now" ? [] : [`${age} ago`])].join(" · ");
}

function factsOf({ timing, model_version, input }: Prediction): string {
  const parts = [formatMs(timing.total), `model ${model_version}`];
  if (input.last_seq !== undefined) parts.push(`seq ${seqRange(input.first_seq ?? input.last_seq, input.last_seq)}`);
  return parts.join(" · ");
}

function seqRange(first: number, last: number): string {
  return first === last ? String(last) : `${first}–${last}`;
}
