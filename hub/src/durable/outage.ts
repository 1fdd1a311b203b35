/** A database that is away: who is told, what is tried again and how long, and what trying again cannot help. */
import { setTimeout as sleep } from "node:timers/promises";
import { Outage } from "@physical-ai/service";
import { Backoff, type BackoffOptions } from "@physical-ai/service/backoff";
import type { Logger } from "pino";

/** Connection exceptions, too few resources, a server that starts or stops, a database that is still being made. */
const passingStates = /^(08|53|57|3D000)/;
const networkErrors = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** Errors of the client's own, which have no code. */
const brokenConnection = /terminated|timeout|not queryable|did not end/i;

/** Whether trying again can help: false for a refused password, a newer database and the like. */
export function isUnreachable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (passingStates.test(code) || networkErrors.test(code)) return true;
  return brokenConnection.test(error.message) || isUnreachable(error.cause);
}

/** An error in one line. Where several addresses were tried in vain, only its code says something. */
export function lineAbout(error: Error): string {
  return error.message === "" && "code" in error ? String(error.code) : error.message;
}

/** Says what to do about a database that does not let the hub in; any other error stays as it is. */
export function explainLogin(error: unknown): unknown {
  // SQLSTATE class 28: invalid authorization.
  if (!(error instanceof Error && "code" in error && /^28/.test(String(error.code)))) return error;
  return new Error(
    `expected the database to know the user and password of its URL; it says: ${error.message}. ` +
      "Mend DATABASE_URL or the file that DATABASE_URL_FILE names, or tell the database: ALTER ROLE <user> PASSWORD '<password>'",
    { cause: error },
  );
}

/** Tells the operator that the database is away: once, however many wait for it; and once that it is back. */
export class DatabaseOutage {
  readonly #logger: Logger;
  readonly #outage = new Outage();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** An attempt has failed; another one follows. */
  failed(error: unknown): void {
    if (isUnreachable(error)) {
      const problem = lineAbout(error);
      const say = () => this.#logger.warn({ problem }, "the database does not answer; what comes waits for it");
      this.#outage.once("away", say);
    } else {
      const say = () => this.#logger.error({ err: error }, "the database does not take what it is given; trying again");
      this.#outage.once(String(error), say);
    }
  }

  /** The database has done what it was asked. */
  over(): void {
    const seconds = this.#outage.over();
    if (seconds !== undefined) this.#logger.info({ seconds_away: seconds }, "the database is back");
  }
}

export interface DatabaseRetryOptions {
  /** The pauses between attempts. */
  pauses: BackoffOptions;
  /** Whether trying again cannot help. */
  isFinal?: (error: unknown) => boolean;
}

/** Does again what the database did not answer, and tells the operator when attempts are in vain. */
export class DatabaseRetry {
  readonly #outage: DatabaseOutage;
  readonly #options: Required<DatabaseRetryOptions>;
  readonly #givingUp = new AbortController();
  #retries = 0;

  constructor(outage: DatabaseOutage, { pauses, isFinal = () => false }: DatabaseRetryOptions) {
    this.#outage = outage;
    this.#options = { pauses, isFinal };
  }

  /**
   * Resolves when the database has answered.
   *
   * @throws what trying again cannot help; after `giveUpAfter`, that it was given up, with the last error as its cause
   */
  async untilAnswered<T>(attempt: () => Promise<T>): Promise<T> {
    const { pauses, isFinal } = this.#options;
    const { signal } = this.#givingUp;
    const backoff = new Backoff(pauses);
    for (;;) {
      try {
        const answer = await attempt();
        this.#outage.over();
        return answer;
      } catch (error) {
        if (isFinal(error)) throw error;
        if (signal.aborted) throw new Error("the hub stopped before the database took it", { cause: error });
        this.#retries++;
        this.#outage.failed(error);
      }
      await sleep(backoff.next(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Gives up so much later, after a last attempt. The function that comes back takes that back. */
  giveUpAfter(patienceMs: number): () => void {
    const timer = setTimeout(() => this.#givingUp.abort(), patienceMs);
    return () => clearTimeout(timer);
  }

  get givenUp(): boolean {
    return this.#givingUp.signal.aborted;
  }

  /** Attempts that the database did not answer, and that were made again. */
  get retries(): number {
    return this.#retries;
  }
}
