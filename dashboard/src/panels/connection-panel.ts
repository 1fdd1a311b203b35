/** How the page stands with the hub: the line at the top, and the notice in place of the dashboard when it is refused. */
import { byId, type Panel, setData, setText } from "../dom.ts";
import { formatMs, formatRate } from "../format.ts";
import type { ConnectionState, State } from "../state/state.ts";

export function createStatusBar(state: State): Panel {
  const connection = byId("connection", HTMLElement);
  const rate = byId("message-rate", HTMLElement);
  const roundTrip = byId("round-trip", HTMLElement);
  return {
    update(now) {
      setData(connection, "phase", state.connection.phase);
      setText(connection, describe(state.connection));
      setText(rate, `${formatRate(state.messageRate.perSecond(now))} /s`);
      setText(roundTrip, state.roundTripMs === undefined ? "–" : formatMs(state.roundTripMs));
    },
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

/** @param tryAgain connects anew with the token that the page has */
export function createRefusalNotice(state: State, hasToken: boolean, tryAgain: () => void): Panel {
  const dashboard = byId("dashboard", HTMLElement);
  const notice = byId("notice", HTMLElement);
  const title = byId("notice-title", HTMLElement);
  const reason = byId("notice-reason", HTMLElement);
  const refusedAdvice = byId("notice-refused", HTMLElement);
  const dismissedAdvice = byId("notice-dismissed", HTMLElement);
  setText(byId("notice-link", HTMLElement), `${location.origin}/?token=…`);
  byId("try-again", HTMLButtonElement).addEventListener("click", tryAgain);
  return {
    update() {
      const { connection } = state;
      const unwelcome = connection.phase === "refused" || connection.phase === "dismissed";
      notice.hidden = !unwelcome;
      dashboard.hidden = unwelcome;
      if (!unwelcome) return;
      const dismissed = connection.phase === "dismissed";
      refusedAdvice.hidden = dismissed;
      dismissedAdvice.hidden = !dismissed;
      setText(title, dismissed ? "The hub sent this page away" : titleOfRefusal(hasToken));
      setText(reason, connection.reason);
    },
  };
}

function titleOfRefusal(hasToken: boolean): string {
  return hasToken ? "The hub did not accept this link" : "This page needs its link";
}
