/** The viewer's token: from the link, kept for reloads of this tab, and out of the address bar. */

const storageKey = "hub-token";

/** Takes the token out of the page's address, or finds the one of an earlier load; nothing when there is none. */
export function takeToken(): string | undefined {
  const address = new URL(location.href);
  const fromLink = address.searchParams.get("token");
  if (fromLink === null) return sessionStorage.getItem(storageKey) ?? undefined;
  sessionStorage.setItem(storageKey, fromLink);
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return fromLink;
}
