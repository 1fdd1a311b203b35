/** The web page in a real browser, over the whole running system. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findBrowser, openPage, startBrowser } from "../src/browser.ts";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { eventually } from "../src/eventually.ts";
import { startTestStack, type TestStack } from "../src/test-stack.ts";

const browserPath = findBrowser();

describe.skipIf(browserPath === undefined)("the web page", () => {
  let database: TestDatabase;
  let stack: TestStack;
  let browser: Browser;
  let page: Page;
  let policy: string | undefined;
  const problems: string[] = [];
  const askedHosts = new Set<string>();

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    stack = await startTestStack({ databaseUrl: database.url, relayArgs: ["simulator"] });
    browser = await startBrowser(String(browserPath));
    page = await openPage(browser);
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("request", (request) => askedHosts.add(new URL(request.url()).host));
    page.on("websocket", (socket) => askedHosts.add(new URL(socket.url()).host));
    await page.addInitScript(tellViolations);
    const response = await page.goto(`${stack.url}/?token=${stack.viewerToken}`);
    policy = response?.headers()["content-security-policy"];
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await database?.drop();
  });

  it("shows the robot, the worker, readings and predictions as they come", async () => {
    await page.getByText("Connected").waitFor();
    await page.locator("#robot-list").getByText("EP01").first().waitFor();
    await page.locator("#workers").getByText("worker-1").waitFor();
    await page.getByText("battery").first().waitFor();
    await page
      .getByText(/Collision risk \d+%/)
      .first()
      .waitFor();
    await page
      .getByText(/wall-following/)
      .first()
      .waitFor();
  });

  it("runs no generated code, under a policy that allows none, and asks nobody but its hub", () => {
    expect(policy).toBe("default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'");
    expect([...askedHosts]).toEqual([new URL(stack.url).host]);
    expect(problems).toEqual([]);
  });

  it("keeps the token out of the address bar", () => {
    expect(page.url()).toBe(`${stack.url}/`);
  });

  it("stops the robot on a click, and shows the robot's answer", async () => {
    await page.locator("#stop").click();
    await page
      .locator("#stop-answer")
      .getByText(/acknowledged/i)
      .waitFor();
  });

  it("comes back by itself after the hub was killed", async () => {
    const pid = stack.processes.get("hub")?.pid;
    if (pid === undefined) throw new Error("the hub does not run");
    process.kill(pid, "SIGKILL");
    await page
      .getByText(/reconnecting/i)
      .first()
      .waitFor();
    await page.getByText("Connected").waitFor();
  });

  it("says what to do without a token", async () => {
    const stranger = await openPage(browser);
    await stranger.goto(stack.url);
    await stranger.getByText("Open the link that").waitFor();
    await stranger.close();
  });

  it("says that the hub sent it away, and stays away when it would be sent away again", async () => {
    const dismissed = await openPage(browser);
    const connections = await dismissByHub(dismissed, "invalid_message", "the last 100 messages were all wrong");
    await dismissed.goto(`${stack.url}/?token=${stack.viewerToken}`);
    await dismissed.getByRole("heading", { name: "The hub sent this page away" }).waitFor();
    await dismissed.getByText("the last 100 messages were all wrong").waitFor();
    await dismissed.getByRole("button", { name: "Try again" }).click();
    await eventually(() => expect(connections()).toBe(2));
    await dismissed.close();
  });

  it("comes back when the hub sent it away for something that passes", async () => {
    const dismissed = await openPage(browser);
    const connections = await dismissByHub(dismissed, "overloaded", "too many at once");
    await dismissed.goto(`${stack.url}/?token=${stack.viewerToken}`);
    await dismissed.getByText("the hub sent this page away: too many at once").waitFor();
    // Every connection ends like the first.
    await eventually(() => expect(connections()).toBeGreaterThanOrEqual(2));
    await dismissed.close();
  });

  it("has nothing to complain about but the connection that was killed", () => {
    expect(problems.filter((problem) => !/WebSocket|ERR_CONNECTION/.test(problem))).toEqual([]);
  });
});

/** In the page: a violation of the policy becomes an error in its console. */
const tellViolations = {
  content: `addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error(violatedDirective + " is violated by " + blockedURI))`,
};

/** Lets the hub dismiss a page as soon as that is connected; counts how often it connects. */
async function dismissByHub(page: Page, code: string, message: string): Promise<() => number> {
  let connections = 0;
  await page.routeWebSocket(/socket\.io/, (socket) => {
    connections += 1;
    const hub = socket.connectToServer();
    hub.onMessage((frame) => {
      socket.send(frame);
      // A packet of Socket.IO that accepts the connection; then an event, and a goodbye.
      if (!String(frame).startsWith("40")) return;
      socket.send(`42${JSON.stringify(["dismissed", { ok: false, error: { code, message } }])}`);
      socket.send("41");
    });
  });
  return () => connections;
}
