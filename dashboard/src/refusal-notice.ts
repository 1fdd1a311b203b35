/** What stands in for the dashboard when the hub refuses us or sends us away: what happened, and what to do. */
import { byId, setText } from "./dom.ts";
import type { State } from "./state.ts";

/** @param tryAgain connects anew with the token that the page has */
export function createRefusalNotice(state: State, hasToken: boolean, tryAgain: () => void): () => void {
  const dashboard = byId("dashboard", HTMLElement);
  const notice = byId("notice", HTMLElement);
  const title = byId("notice-title", HTMLElement);
  const reason = byId("notice-reason", HTMLElement);
  const refusedAdvice = byId("notice-refused", HTMLElement);
  const dismissedAdvice = byId("notice-dismissed", HTMLElement);
  setText(byId("notice-link", HTMLElement), `${location.origin}/?token=…`);
  byId("try-again", HTMLButtonElement).addEventListener("click", tryAgain);
  return () => {
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
  };
}

function titleOfRefusal(hasToken: boolean): string {
  return hasToken ? "The hub did not accept this link" : "This page needs its link";
}
