import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { signToken, verifyToken } from "./tokens.ts";

const secret = "a secret of this test, long enough";
const key = new TextEncoder().encode(secret);
const claims = { role: "relay", sub: "relay-1" };
const sign = (payload: Record<string, unknown>, alg = "HS256") =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(key);

describe("a token", () => {
  it.each(["relay", "brain_worker", "viewer"] as const)("says that its bearer is a %s, and which", async (role) => {
    const token = await signToken({ role, id: "ロボット-1" }, secret);
    expect(await verifyToken(token, secret)).toEqual({ role, id: "ロボット-1" });
  });

  it.each<[string, () => string | Promise<string>]>([
    ["signed with another secret", () => signToken({ role: "relay", id: "relay-1" }, `${secret}!`)],
    ["signed with no algorithm", () => new UnsecuredJWT(claims).encode()],
    ["signed with another algorithm", () => sign(claims, "HS512")],
    ["without a role", () => sign({ sub: "relay-1" })],
    ["with an unknown role", () => sign({ ...claims, role: "admin" })],
    ["without an id", () => sign({ role: "relay" })],
    ["with an empty id", () => sign({ ...claims, sub: "" })],
    ["that has expired", () => sign({ ...claims, exp: 1_000_000_000 })],
    ["that is no token", () => "relay-1"],
    ["that is empty", () => ""],
  ])("%s is nobody's", async (_what, make) => {
    expect(await verifyToken(await make(), secret)).toBeUndefined();
  });

  it("whose claims were changed is nobody's", async () => {
    const token = await signToken({ role: "viewer", id: "v" }, secret);
    const [header, , signature] = token.split(".");
    const forged = Buffer.from(JSON.stringify(claims)).toString("base64url");
    expect(await verifyToken([header, forged, signature].join("."), secret)).toBeUndefined();
  });
});
