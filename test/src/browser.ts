/** A real browser for pages. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser's path; `undefined` where there is none. */
export function findBrowser(): string | undefined {
  const path = candidates.find(existsSync);
  if (path === undefined) console.warn(`skipped: no browser at ${candidates.join(", ")} (apt-get install chromium)`);
  return path;
}

/** Bounds what hangs: a slow machine may take its time. */
const patienceMs = 120_000;

/** Starts it without a window. Whoever starts it closes it. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    timeout: patienceMs,
    // Root has no sandbox; the other switches keep the browser from calling home.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens an empty page. Whoever opens it closes it, or the browser. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(patienceMs);
  return page;
}
