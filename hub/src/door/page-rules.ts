/** What Socket.IO must know of web pages: whose scripts may connect, and whose may read what polling answers. */
import type { Logger } from "pino";
import type { ServerOptions } from "socket.io";
import type { AccessOptions } from "./access/access.ts";
import { isWelcomePage } from "./access/origins.ts";
import type { TurnedAway } from "./turned-away.ts";

/** Anybody may send any origin. */
const maxOriginsSaid = 100;

/** Where clients need a token that is enough: a strange page has none. */
export function pageRules(
  { allowAnonymous, allowedOrigins = [] }: AccessOptions,
  turnedAway: TurnedAway,
  logger: Logger,
): Pick<ServerOptions, "allowRequest" | "cors"> {
  /** A page that may not connect tries again and again. */
  const said = new Set<string>();
  return {
    cors: { origin: [...allowedOrigins] },
    allowRequest({ headers }, answer) {
      if (!allowAnonymous || isWelcomePage(headers, allowedOrigins)) return answer(null, true);
      turnedAway.add("origin");
      const { origin = "", host } = headers;
      if (!said.has(origin) && said.size < maxOriginsSaid) {
        said.add(origin);
        logger.warn({ origin, host }, "pages of another origin may not connect");
      }
      answer(`pages of ${origin} may not connect; the hub's operator can allow them with ALLOWED_ORIGINS`, false);
    },
  };
}
