/** Tells people what stands between the relay and the hub: each thing once an outage, and when it is over. */
import type { Logger } from "pino";

export interface OutageLog {
  /** The connection is gone. */
  lost(reason: string): void;
  /** The hub did not take us, or was not there. */
  refused(problem: string): void;
  /** The hub took us. */
  over(committedSeq: number): void;
}

/** @param hub its address */
export function createOutageLog(logger: Logger, hub: string): OutageLog {
  const said = new Set<string>();
  let since: number | undefined;

  function once(what: string, say: () => void): void {
    since ??= performance.now();
    if (!said.has(what)) say();
    said.add(what);
  }

  return {
    lost(reason) {
      once("no answer", () => {
        logger.warn(
          { hub, reason },
          "the connection to the hub is lost; packets wait in the relay's log until it is back",
        );
      });
    },
    refused(problem) {
      const [, code] = /^(\w+): /.exec(problem) ?? [];
      once(code ?? "no answer", () => {
        if (code !== undefined) logger.warn({ hub, problem }, "the hub does not take this relay; trying again");
        else
          logger.warn(
            { hub, problem },
            "the hub does not answer; trying again. Is it running, and is this its address?",
          );
      });
    },
    over(committedSeq) {
      const seconds = since === undefined ? undefined : Math.round((performance.now() - since) / 1_000);
      logger.info({ hub, committed_seq: committedSeq, seconds_away: seconds }, "registered at the hub");
      said.clear();
      since = undefined;
    },
  };
}
