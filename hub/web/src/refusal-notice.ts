/** The page that stands in for the dashboard when the hub refuses us: what happened, and what to do. */
import { byId, setText } from "./dom.ts";
import type { State } from "./state.ts";

/** @param tryAgain connects anew with the token that the page has */
export function createRefusalNotice(state: State, hasToken: boolean, tryAgain: () => void): () => void {
  const dashboard = byId("dashboard", HTMLElement);
  const notice = byId("notice", HTMLElement);
  const reason = byId("notice-reason", HTMLElement);
  setText(
    byId("notice-title", HTMLElement),
    hasToken ? "The hub did not accept this link" : "This page needs its link",
  );
  setText(byId("notice-link", HTMLElement), `${location.origin}/?token=…`);
  byId("try-again", HTMLButtonElement).addEventListener("click", tryAgain);
  return () => {
    const refused = state.connection.phase === "refused";
    notice.hidden = !refused;
    dashboard.hidden = refused;
    if (state.connection.phase === "refused") setText(reason, state.connection.reason);
  };
}
