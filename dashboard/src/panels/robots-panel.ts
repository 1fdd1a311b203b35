/** The list of robots to choose from, and the brain workers beside it. */
import { byId, element, KeyedList, type Panel, setData, setShare, setText, type View } from "../dom.ts";
import { formatAge } from "../format.ts";
import { type Presence, presenceOf, type Robot, type State, type Worker } from "../state/state.ts";

const freshAlertMs = 5_000;
const notableRiskPercent = 50;

export function createRobotsPanel(state: State): Panel {
  const list = byId("robot-list", HTMLElement);
  const empty = byId("robots-empty", HTMLElement);
  const workers = byId("workers", HTMLElement);
  const workersEmpty = byId("workers-empty", HTMLElement);
  const robotList = new KeyedList(
    list,
    (robot: Robot) => robot.id,
    (robot) => createRobotView(robot, state),
  );
  const workerList = new KeyedList(workers, (worker: Worker) => worker.id, createWorkerView);
  return {
    update(now) {
      const robots = [...state.robots.values()].sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
      robotList.show(robots, now);
      empty.hidden = robots.length > 0;
      workerList.show([...state.workers.values()], now);
      workersEmpty.hidden = state.workers.size > 0;
    },
  };
}

/** Radio buttons: arrow keys move through the robots, and the browser says which is chosen. */
function createRobotView(robot: Robot, state: State): View<Robot> {
  const input = element("input", "hidden-input");
  input.type = "radio";
  input.name = "robot";
  input.addEventListener("change", () => state.select(robot.id));
  const name = element("span", "robot-name", robot.id);
  const type = element("span", "tag");
  const presence = element("span", "presence");
  const cell = element("span", "battery-cell");
  const charge = element("span", "");
  const battery = element("span", "robot-battery", element("span", "hidden-text", "battery "), cell, charge);
  const risk = element("span", "robot-risk");
  const first = element("span", "robot-line", name, type);
  const second = element("span", "robot-line muted", presence, risk, battery);
  const root = element("label", "robot", input, first, second);
  return {
    root,
    update(current, now) {
      input.checked = current.id === state.selectedId;
      setText(type, current.type);
      const status = presenceOf(current, now);
      setData(presence, "presence", status);
      setText(presence, describePresence(status, current, now));
      battery.hidden = current.battery === undefined;
      setText(charge, `${Math.round(current.battery ?? 0)} %`);
      setShare(cell, (current.battery ?? 0) / 100);
      setText(risk, describeRisk(current, now));
    },
  };
}

function describePresence(presence: Presence, robot: Robot, now: number): string {
  if (robot.packetAt === undefined) return presence;
  const age = formatAge(now - robot.packetAt);
  return age === "now" ? presence : `${presence} · ${age} ago`;
}

function describeRisk(robot: Robot, now: number): string {
  const percents = [...robot.predictions.alerts.values()]
    .filter((alert) => alert.isRisk && now - alert.at < freshAlertMs)
    .map((alert) => alert.percent ?? 0);
  const highest = Math.max(0, ...percents);
  return highest >= notableRiskPercent ? `risk ${Math.round(highest)} %` : "";
}

function createWorkerView(worker: Worker): View<Worker> {
  const presence = element("span", "presence");
  const root = element("li", "worker", element("span", "worker-name", worker.id), presence);
  return {
    root,
    update(current) {
      setData(presence, "presence", current.presence);
      setText(presence, current.presence);
    },
  };
}
