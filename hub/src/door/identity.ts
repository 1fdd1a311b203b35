/** Who a client may say that it is, by the token that it came with. */
import { type Failure, failure, type Registration } from "@physical-ai/unity-protocol";
import type { ClientSocket } from "../socket-server.ts";

/** A token says who its bearer is; viewers share one, and choose an id each. */
export function refusalOf(socket: ClientSocket, registration: Registration): Failure | undefined {
  const { visitor } = socket.data;
  if (visitor.kind !== "known") return undefined;
  const { role, id } = visitor.identity;
  if (role !== registration.role) {
    return failure(
      "forbidden",
      `this token is for the role ${role}; expected it to register as that, not ${registration.role}`,
    );
  }
  if (role !== "viewer" && id !== registration.id) {
    return failure(
      "forbidden",
      `this token is for ${role} ${id}; expected it to register with that id, not ${registration.id}`,
    );
  }
  return undefined;
}

/** Who a viewer's commands come from: a viewer that has a token is who this names, whatever id it chose. */
export function senderOf(socket: ClientSocket, registration: Registration): string {
  const { visitor } = socket.data;
  return visitor.kind === "known" && visitor.identity.role === "viewer" ? visitor.identity.id : registration.id;
}
