/** Something is away: each thing that there is to say about it is said once, until it is over. */
import type { Logger } from "pino";

export class Outage {
  readonly #said = new Set<string>();
  #since: number | undefined;

  /** Says what has not been said in this outage, which begins with the first. `what` tells one thing from another. */
  once(what: string, say: () => void): void {
    this.#since ??= performance.now();
    if (this.#said.has(what)) return;
    this.#said.add(what);
    say();
  }

  /** Ends it. Returns how many seconds it lasted; nothing when there was none. */
  over(): number | undefined {
    if (this.#since === undefined) return undefined;
    const seconds = Math.round((performance.now() - this.#since) / 1_000);
    this.#since = undefined;
    this.#said.clear();
    return seconds;
  }
}

interface HubOutageLogOptions {
  /** Its address. */
  hub: string;
  /** What we are: `relay`. */
  role: string;
  /** What becomes of our work until the hub is back. */
  meanwhile: string;
}

/** The reason that Socket.IO gives when this side has closed the connection. */
const closedByUs = "io client disconnect";

/** Tells people what stands between a client and the hub: each thing once an outage, and when it is over. */
export class HubOutageLog {
  readonly #logger: Logger;
  readonly #options: HubOutageLogOptions;
  readonly #outage = new Outage();

  constructor(logger: Logger, options: HubOutageLogOptions) {
    this.#logger = logger;
    this.#options = options;
  }

  /** The connection is gone. */
  lost(reason: string): void {
    if (reason === closedByUs) return;
    const { hub, meanwhile } = this.#options;
    this.#outage.once("no answer", () => {
      this.#logger.warn({ hub, reason }, `the connection to the hub is lost; ${meanwhile} until it is back`);
    });
  }

  /** The hub did not take us, or was not there. */
  refused({ code, message: problem }: { code?: string | undefined; message: string }): void {
    const { hub, role } = this.#options;
    this.#outage.once(code ?? "no answer", () => {
      const what =
        code === undefined
          ? "the hub does not answer; trying again. Is it running, and is this its address?"
          : `the hub does not take this ${role}; trying again`;
      this.#logger.warn({ hub, code, problem }, what);
    });
  }

  /** The hub took us. */
  over(facts: object): void {
    const { hub } = this.#options;
    this.#logger.info({ hub, ...facts, seconds_away: this.#outage.over() }, "registered at the hub");
  }
}
