/** What policies say of the selected robot: to people ("Collision risk 80%", with a gauge), and all their predictions. */
import type { Prediction } from "@physical-ai/unity-protocol";
import { byId, element, KeyedList, type Panel, setData, setShare, setText, type View } from "../dom.ts";
import { formatAge, formatBrief, formatMs, formatPercent } from "../format.ts";
import type { Alert, PredictionRun } from "../state/predictions.ts";
import type { State } from "../state/state.ts";

const staleMs = 5_000;
const highPercent = 70;
const raisedPercent = 40;

type Level = "high" | "raised" | "low" | "plain";

export function createAlertsPanel(state: State): Panel {
  const panel = byId("alerts", HTMLElement);
  const announcer = byId("announcer", HTMLElement);
  const list = new KeyedList(panel, (alert: Alert) => `${state.selectedId} ${alert.policy}`, createAlertView);
  return {
    update(now) {
      const alerts = [...(state.selected?.predictions.alerts.values() ?? [])];
      list.show(alerts, now);
      panel.hidden = alerts.length === 0;
      const high = alerts.filter((alert) => levelOf(alert) === "high" && now - alert.at < staleMs);
      setText(announcer, high.map((alert) => `High risk at ${state.selectedId}, says ${alert.policy}`).join(". "));
    },
  };
}

function levelOf(alert: Alert): Level {
  if (alert.percent === undefined || !alert.isRisk) return "plain";
  return alert.percent >= highPercent ? "high" : alert.percent >= raisedPercent ? "raised" : "low";
}

function createAlertView(alert: Alert): View<Alert> {
  const message = element("p", "alert-message");
  const gauge = element("div", "gauge");
  const source = element("p", "alert-source");
  gauge.setAttribute("role", "meter");
  gauge.setAttribute("aria-valuemin", "0");
  gauge.setAttribute("aria-valuemax", "100");
  gauge.setAttribute("aria-label", alert.policy);
  const root = element("div", "alert", element("div", "alert-line", message, source), gauge);
  return {
    root,
    update(current, now) {
      setText(message, current.message);
      const age = now - current.at;
      setText(source, age > staleMs ? `${current.policy} · ${formatAge(age)} ago` : current.policy);
      setData(root, "level", levelOf(current));
      setData(root, "stale", String(age > staleMs));
      gauge.hidden = current.percent === undefined;
      if (current.percent === undefined) return;
      gauge.setAttribute("aria-valuenow", String(current.percent));
      setShare(gauge, current.percent / 100);
    },
  };
}

/** Newest first; one row while a policy goes on saying the same. */
export function createPredictionsPanel(state: State): Panel {
  const empty = byId("predictions-empty", HTMLElement);
  const keyOf = (run: PredictionRun) => `${state.selectedId} ${run.id}`;
  const list = new KeyedList(byId("predictions", HTMLElement), keyOf, createRunView);
  return {
    update(now) {
      const runs = state.selected?.predictions.runs ?? [];
      list.show(runs, now);
      empty.hidden = runs.length > 0;
    },
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
