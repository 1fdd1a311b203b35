/** How the HTTP side says that it does not give what was asked for. */
import type { FastifyReply } from "fastify";

/** Each code of such an answer has one status. */
const statuses = {
  /** The request is not what it should be. */
  invalid_message: 400,
  unauthorized: 401,
  not_found: 404,
  /** The export would be empty. */
  no_rows: 404,
  /** The rows cannot be exported in the way that was asked for; asking again does not help. */
  not_exportable: 422,
  /** Too many exports are under way. */
  busy: 503,
  /** The database went away, for one. */
  export_failed: 503,
  /** The database does not answer. */
  unavailable: 503,
} as const;

export type HttpCode = keyof typeof statuses;

/** @param message what was expected, what came, what to do */
export function refuse(reply: FastifyReply, code: HttpCode, message: string): FastifyReply {
  return reply.code(statuses[code]).send({ ok: false, error: { code, message } });
}
