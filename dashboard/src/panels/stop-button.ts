/** The button that stops the selected robot, and what came of it. */
import { byId, type Panel, setData, setText } from "../dom.ts";
import type { Hub } from "../hub.ts";
import type { State } from "../state/state.ts";

type Outcome = { robotId: string } & ({ commandId: string } | { text: string; failed: boolean });

export class StopButton implements Panel {
  readonly #button = byId("stop", HTMLButtonElement);
  readonly #answer = byId("stop-answer", HTMLElement);
  readonly #state: State;
  readonly #hub: Hub;
  readonly #onChange: () => void;
  #outcome: Outcome | undefined;

  /** @param onChange called when there is something new to show */
  constructor(state: State, hub: Hub, onChange: () => void) {
    this.#state = state;
    this.#hub = hub;
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.#stop());
  }

  update(): void {
    const robot = this.#state.selected;
    this.#button.hidden = robot === undefined;
    this.#button.disabled = this.#state.connection.phase !== "connected";
    if (robot !== undefined) setText(this.#button, `Stop ${robot.id}`);
    const shown = this.#outcome?.robotId === robot?.id ? this.#describe() : { text: "", failed: false };
    setText(this.#answer, shown.text);
    setData(this.#answer, "failed", String(shown.failed));
  }

  async #stop(): Promise<void> {
    const robotId = this.#state.selected?.id;
    if (robotId === undefined) return;
    this.#show({ robotId, text: "Stop: asking the hub …", failed: false });
    const answer = await this.#hub.requestCommand({ robot_id: robotId, action: "stop" });
    if (answer.ok) this.#show({ robotId, commandId: answer.commandId });
    else this.#show({ robotId, text: `Stop failed. ${answer.problem}`, failed: true });
  }

  #show(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#onChange();
  }

  #describe(): { text: string; failed: boolean } {
    if (this.#outcome === undefined) return { text: "", failed: false };
    if ("text" in this.#outcome) return this.#outcome;
    const status = this.#state.commands.statusOf(this.#outcome.commandId) ?? "sent";
    return { text: `Stop: ${status}`, failed: status !== "sent" && status !== "acknowledged" };
  }
}
