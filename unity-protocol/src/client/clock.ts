/** An estimate of how far the hub's clock is ahead of ours, from timed questions as in NTP. */

/**
 * One question, asked and answered. All in milliseconds; our times are those of a clock that is never set
 * (`performance.now`), so that a step of the system's clock does not spoil old samples.
 */
export interface ClockSample {
  /** Of our clock that is never set. */
  sentAt: number;
  /** Of the hub's clock, since 1970. */
  serverTime: number;
  /** Of our clock that is never set; not before `sentAt`. */
  receivedAt: number;
}

/** Our two clocks, in milliseconds. */
export interface LocalClocks {
  /** Never set. */
  monotonic: () => number;
  /** Epoch milliseconds of the system's clock, which people and NTP may set. */
  wall: () => number;
}

/** The samples that are kept: old ones go, so that drift is followed. */
export const keptSamples = 8;
/** A difference that is no rounding: the system's clock was set. */
const stepMs = 5;

const systemClocks: LocalClocks = { monotonic: () => performance.now(), wall: () => Date.now() };

/** Keeps the last samples and believes the one with the shortest round trip: it leaves the least room for error. */
export class HubClock {
  readonly #clocks: LocalClocks;
  #samples: ClockSample[] = [];
  #wallAhead: number;

  constructor(clocks = systemClocks) {
    this.#clocks = clocks;
    this.#wallAhead = clocks.wall() - clocks.monotonic();
  }

  /** Takes one answered question into account. */
  add(sample: ClockSample): void {
    this.#samples = [...this.#samples, sample].slice(-keptSamples);
  }

  /** Hub time minus the system's clock as it stands now, in milliseconds; 0 until something is known. */
  get offsetMs(): number {
    const hubAhead = this.#hubAhead();
    return hubAhead === undefined ? 0 : hubAhead - this.#steadyWallAhead();
  }

  /** The hub's time now, epoch milliseconds. */
  now(): number {
    return this.#clocks.wall() + this.offsetMs;
  }

  /** Hub time minus our monotonic clock. */
  #hubAhead(): number | undefined {
    const roundTrip = (sample: ClockSample) => sample.receivedAt - sample.sentAt;
    const best = this.#samples.reduce<ClockSample | undefined>(
      (shortest, sample) => (shortest === undefined || roundTrip(sample) <= roundTrip(shortest) ? sample : shortest),
      undefined,
    );
    return best && best.serverTime - (best.sentAt + best.receivedAt) / 2;
  }

  /** The same number until the system's clock is set, though each reading of it is rounded differently. */
  #steadyWallAhead(): number {
    const wallAhead = this.#clocks.wall() - this.#clocks.monotonic();
    if (Math.abs(wallAhead - this.#wallAhead) > stepMs) this.#wallAhead = wallAhead;
    return this.#wallAhead;
  }
}
