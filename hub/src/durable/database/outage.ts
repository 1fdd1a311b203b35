/** Tells the operator that the database is away: once, however many wait for it; and once that it is back. */
import { createOutage } from "@physical-ai/service";
import type { Logger } from "pino";
import { isUnreachable, lineAbout } from "./unreachable.ts";

export interface DatabaseOutage {
  /** An attempt has failed; another one follows. */
  failed(error: unknown): void;
  /** The database has done what it was asked. */
  over(): void;
}

export function createDatabaseOutage(logger: Logger): DatabaseOutage {
  const outage = createOutage();
  return {
    failed(error) {
      if (isUnreachable(error)) {
        const problem = lineAbout(error);
        outage.once("away", () => logger.warn({ problem }, "the database does not answer; what comes waits for it"));
      } else {
        const say = () => logger.error({ err: error }, "the database does not take what it is given; trying again");
        outage.once(String(error), say);
      }
    },
    over() {
      const seconds = outage.over();
      if (seconds !== undefined) logger.info({ seconds_away: seconds }, "the database is back");
    },
  };
}
