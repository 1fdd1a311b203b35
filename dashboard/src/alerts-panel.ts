/** What policies say to people about the selected robot: "Collision risk 80%", with a gauge. */
import { byId, element, keyedList, setData, setShare, setText, type View } from "./dom.ts";
import { formatAge } from "./format.ts";
import type { Alert } from "./predictions.ts";
import type { State } from "./state.ts";

const staleMs = 5_000;
const highPercent = 70;
const raisedPercent = 40;

type Level = "high" | "raised" | "low" | "plain";

export function createAlertsPanel(state: State): (now: number) => void {
  const panel = byId("alerts", HTMLElement);
  const announcer = byId("announcer", HTMLElement);
  const show = keyedList(panel, (alert: Alert) => `${state.selectedId} ${alert.policy}`, createAlertView);
  return (now) => {
    const alerts = [...(state.selected?.predictions.alerts.values() ?? [])];
    show(alerts, now);
    panel.hidden = alerts.length === 0;
    const high = alerts.filter((alert) => levelOf(alert) === "high" && now - alert.at < staleMs);
    setText(announcer, high.map((alert) => `High risk at ${state.selectedId}, says ${alert.policy}`).join(". "));
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
