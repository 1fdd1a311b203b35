/** Wires the page: messages change the state, the state asks for a frame, a frame draws what changed. */
import { createAlertsPanel } from "./alerts-panel.ts";
import { createCommandsPanel } from "./commands-panel.ts";
import { connectToHub } from "./connection.ts";
import { createFrames } from "./frames.ts";
import { createMapView } from "./map-view.ts";
import { createPredictionsPanel } from "./predictions-panel.ts";
import { createReadingsPanel } from "./readings-panel.ts";
import { createRefusalNotice } from "./refusal-notice.ts";
import { createRobotsPanel } from "./robots-panel.ts";
import { createShapesPanel } from "./shapes-panel.ts";
import { State } from "./state.ts";
import { createStatusBar } from "./status-bar.ts";
import { createStopControl } from "./stop-control.ts";
import { takeToken } from "./token.ts";

const ageIntervalMs = 1_000;

const token = takeToken();
const frames = createFrames(
  () => mapView.draw(),
  () => {
    const now = Date.now();
    mapView.describe();
    for (const update of panels) update(now);
  },
);
const state = new State(frames.ask);
const mapView = createMapView(state, frames.ask);
const hub = connectToHub(token, {
  onConnection: (connection) => state.setConnection(connection),
  onRoundTrip: (ms) => state.setRoundTrip(ms),
  onMessage: (at) => state.messageRate.count(at),
  onPacket: (packet, at) => state.takePacket(packet, at),
  onCommandUpdate: (update, at) => state.takeCommandUpdate(update, at),
  onRobotStatus: (status, at) => state.takeStatus(status, at),
  onSchemaChange: (change, at) => state.takeSchemaChange(change, at),
});
const panels: readonly ((now: number) => void)[] = [
  createStatusBar(state),
  createRefusalNotice(state, token !== undefined, () => hub.tryAgain()),
  createRobotsPanel(state),
  createStopControl(state, hub, frames.ask),
  createAlertsPanel(state),
  createShapesPanel(state),
  createReadingsPanel(state),
  createPredictionsPanel(state),
  createCommandsPanel(state),
];

setInterval(frames.ask, ageIntervalMs);
frames.ask();
