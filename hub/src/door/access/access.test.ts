import { describe, expect, it } from "vitest";
import { checkExposure, createAccess, isLoopback, isWelcomePage, parseOrigin } from "./access.ts";
import { signToken } from "./tokens.ts";

const host = "192.168.1.7:3000";
const secret = "a secret of this test, long enough";
const identity = { role: "relay", id: "relay-1" } as const;

describe("access", () => {
  it("knows the bearer of a token", async () => {
    const access = createAccess({ secret, allowAnonymous: false });
    expect(await access.admit(await signToken(identity, secret))).toEqual({ kind: "known", identity });
  });

  it.each([undefined, ""])("without a token (%j) lets nobody in unless the operator allows it", async (token) => {
    const refused = { kind: "refused", reason: expect.stringContaining("expected a token") };
    expect(await createAccess({ secret, allowAnonymous: false }).admit(token)).toEqual(refused);
    expect(await createAccess({ secret, allowAnonymous: true }).admit(token)).toEqual({ kind: "anonymous" });
  });

  it.each([
    ["with anonymous clients", { secret, allowAnonymous: true }],
    ["without a secret", { secret: undefined, allowAnonymous: true }],
    ["with a secret only", { secret, allowAnonymous: false }],
  ])("%s, a wrong token lets nobody in", async (_what, options) => {
    const access = createAccess(options);
    const refused = { kind: "refused", reason: expect.stringContaining("not one of this hub's") };
    const stranger = await signToken(identity, "another secret, long enough as well");
    for (const token of [stranger, "nonsense", 7, null, { token: stranger }]) {
      expect(await access.admit(token)).toEqual(refused);
    }
  });
});

describe("exposure", () => {
  const closed = { secret: undefined, allowAnonymous: false };

  it.each(["0.0.0.0", "::", "192.168.1.7", "hub.local", ""])("to %j needs a say in who may come in", (host) => {
    expect(() => checkExposure(host, closed)).toThrow(/will not listen.*HUB_SECRET.*ALLOW_ANONYMOUS=1/);
    expect(() => checkExposure(host, { ...closed, secret })).not.toThrow();
    expect(() => checkExposure(host, { ...closed, allowAnonymous: true })).not.toThrow();
  });

  it.each(["127.0.0.1", "127.8.9.1", "localhost", "::1"])("to %j is none", (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => checkExposure(host, closed)).not.toThrow();
  });

  it.each(["127.0.0.1.example.org", "1.127.0.0", "localhost.example.org", "::2"])("%j is no loopback", (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

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
