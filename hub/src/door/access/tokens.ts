/** Tokens: JWTs (HS256) that carry a client's role and id. */
import { compileValidator, Role } from "@physical-ai/unity-protocol";
import { errors, jwtVerify, SignJWT } from "jose";
import Type from "typebox";

/** Who a client is. */
export interface Identity {
  role: Role;
  id: string;
}

const validateClaims = compileValidator("the token", Type.Object({ role: Role, sub: Type.String({ minLength: 1 }) }));
const keyOf = (secret: string) => new TextEncoder().encode(secret);

/** Signs a token for a client. It is valid until the secret changes. */
export async function signToken(identity: Identity, secret: string): Promise<string> {
  return new SignJWT({ role: identity.role })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(identity.id)
    .setIssuedAt()
    .sign(keyOf(secret));
}

/** Reads whose token this is; `undefined` when it was not signed with this secret, or carries no role and id. */
export async function verifyToken(token: string, secret: string): Promise<Identity | undefined> {
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), { algorithms: ["HS256"] });
    const claims = validateClaims(payload);
    return claims.ok ? { role: claims.value.role, id: claims.value.sub } : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
