/** Wires the page: messages change the state, the state asks for a frame, a frame draws what changed. */
import type { Panel } from "./dom.ts";
import { Frames } from "./frames.ts";
import { openHub, takeToken } from "./hub.ts";
import { MapPanel } from "./map/map-panel.ts";
import { createCommandsPanel } from "./panels/commands-panel.ts";
import { createRefusalNotice, createStatusBar } from "./panels/connection-panel.ts";
import { createAlertsPanel, createPredictionsPanel } from "./panels/predictions-panel.ts";
import { createReadingsPanel, createSchemaChangesPanel } from "./panels/readings-panel.ts";
import { createRobotsPanel } from "./panels/robots-panel.ts";
import { StopButton } from "./panels/stop-button.ts";
import { State } from "./state/state.ts";

const ageIntervalMs = 1_000;

const token = takeToken();
const frames = new Frames(
  () => map.draw(),
  () => {
    const now = Date.now();
    for (const panel of panels) panel.update(now);
  },
);
const askForFrame = () => frames.ask();
const state = new State(askForFrame);
const map = new MapPanel(state, askForFrame);
const hub = openHub(state, token);
const panels: readonly Panel[] = [
  map,
  createStatusBar(state),
  createRefusalNotice(state, token !== undefined, () => hub.tryAgain()),
  createRobotsPanel(state),
  new StopButton(state, hub, askForFrame),
  createAlertsPanel(state),
  createSchemaChangesPanel(state),
  createReadingsPanel(state),
  createPredictionsPanel(state),
  createCommandsPanel(state),
];

setInterval(askForFrame, ageIntervalMs);
askForFrame();
