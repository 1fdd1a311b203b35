import { describe, expect, it } from "vitest";
import { isWelcomePage, parseOrigin } from "./origins.ts";

const host = "192.168.1.7:3000";

describe("a page", () => {
  it.each([
    ["of the hub itself", "http://192.168.1.7:3000", host],
    ["of the hub behind a proxy with TLS", "https://hub.example.org", "hub.example.org"],
    ["whose address says the usual port", "https://hub.example.org", "hub.example.org:443"],
    ["that the operator named", "https://dashboard.example.org", host],
  ])("%s is welcome", (_what, origin, ownHost) => {
    expect(isWelcomePage({ origin, host: ownHost }, ["https://dashboard.example.org"])).toBe(true);
  });

  it.each([
    "http://evil.example.org",
    "http://192.168.1.7:3001",
    "http://192.168.1.7",
    "https://192.168.1.70:3000",
    "https://dashboard.example.org:8443",
    "file://",
    "null",
    "",
  ])("of %j is not", (origin) => {
    expect(isWelcomePage({ origin, host }, ["https://dashboard.example.org"])).toBe(false);
    expect(isWelcomePage({ origin }, [])).toBe(false);
  });

  it("is none when nothing says where it is from", () => {
    expect(isWelcomePage({ host }, [])).toBe(true);
  });
});

it("an origin is what browsers call one", () => {
  expect(parseOrigin("https://Dashboard.example.org:443/")).toBe("https://dashboard.example.org");
  for (const text of ["dashboard", "file:///x", "*", ""]) expect(() => parseOrigin(text)).toThrow("expected an origin");
});
