/** The button that stops the selected robot, and what came of it. */

import type { HubLink } from "./connection.ts";
import { byId, setData, setText } from "./dom.ts";
import type { State } from "./state.ts";

type Outcome = { robotId: string } & ({ commandId: string } | { text: string; failed: boolean });

export function createStopControl(state: State, hub: HubLink, onChange: () => void): () => void {
  const button = byId("stop", HTMLButtonElement);
  const answer = byId("stop-answer", HTMLElement);
  let outcome: Outcome | undefined;

  button.addEventListener("click", async () => {
    const robot = state.selected;
    if (robot === undefined) return;
    outcome = { robotId: robot.id, text: "Stop: asking the hub …", failed: false };
    onChange();
    const result = await hub.requestCommand({ robot_id: robot.id, action: "stop" });
    outcome = result.ok
      ? { robotId: robot.id, commandId: result.commandId }
      : { robotId: robot.id, text: `Stop failed. ${result.problem}`, failed: true };
    onChange();
  });

  return () => {
    const robot = state.selected;
    button.hidden = robot === undefined;
    button.disabled = state.connection.phase !== "connected";
    if (robot !== undefined) setText(button, `Stop ${robot.id}`);
    const shown = outcome?.robotId === robot?.id ? describe(outcome, state) : { text: "", failed: false };
    setText(answer, shown.text);
    setData(answer, "failed", String(shown.failed));
  };
}

function describe(outcome: Outcome | undefined, state: State): { text: string; failed: boolean } {
  if (outcome === undefined) return { text: "", failed: false };
  if ("text" in outcome) return outcome;
  const status = state.commands.statusOf(outcome.commandId) ?? "sent";
  return { text: `Stop: ${status}`, failed: status !== "sent" && status !== "acknowledged" };
}
