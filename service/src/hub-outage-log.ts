/** Tells people what stands between a client and the hub: each thing once an outage, and when it is over. */
import type { Logger } from "pino";
import { createOutage } from "./outage.ts";

export interface HubOutageLog {
  /** The connection is gone. */
  lost(reason: string): void;
  /** The hub did not take us, or was not there. */
  refused(refusal: { code?: string | undefined; message: string }): void;
  /** The hub took us. */
  over(facts: object): void;
}

export interface HubOutageLogOptions {
  /** Its address. */
  hub: string;
  /** What we are: `relay`. */
  role: string;
  /** What becomes of our work until the hub is back. */
  meanwhile: string;
}

/** The reason that Socket.IO gives when this side has closed the connection. */
const closedByUs = "io client disconnect";

export function createHubOutageLog(logger: Logger, { hub, role, meanwhile }: HubOutageLogOptions): HubOutageLog {
  const outage = createOutage();
  const noAnswer = "the hub does not answer; trying again. Is it running, and is this its address?";
  return {
    lost(reason) {
      if (reason === closedByUs) return;
      outage.once("no answer", () => {
        logger.warn({ hub, reason }, `the connection to the hub is lost; ${meanwhile} until it is back`);
      });
    },
    refused({ code, message: problem }) {
      outage.once(code ?? "no answer", () => {
        logger.warn(
          { hub, code, problem },
          code === undefined ? noAnswer : `the hub does not take this ${role}; trying again`,
        );
      });
    },
    over(facts) {
      logger.info({ hub, ...facts, seconds_away: outage.over() }, "registered at the hub");
    },
  };
}
