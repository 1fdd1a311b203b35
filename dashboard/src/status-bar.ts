/** The line at the top: how the page stands with the hub, and how much comes. And the notice when the hub refuses us. */
import { byId, setData, setText } from "./dom.ts";
import { formatMs, formatRate } from "./format.ts";
import type { ConnectionState, State } from "./state.ts";

export function createStatusBar(state: State): (now: number) => void {
  const connection = byId("connection", HTMLElement);
  const rate = byId("message-rate", HTMLElement);
  const roundTrip = byId("round-trip", HTMLElement);
  return (now) => {
    setData(connection, "phase", state.connection.phase);
    setText(connection, describe(state.connection));
    setText(rate, `${formatRate(state.messageRate.perSecond(now))} /s`);
    setText(roundTrip, state.roundTripMs === undefined ? "–" : formatMs(state.roundTripMs));
  };
}

function describe(connection: ConnectionState): string {
  switch (connection.phase) {
    case "connecting":
      return "Connecting …";
    case "connected":
      return "Connected";
    case "reconnecting":
      return `Reconnecting: ${connection.reason}`;
    case "refused":
      return "Refused";
    case "dismissed":
      return "Sent away";
  }
}
