/** An estimate of how far the hub's clock is ahead of ours, from timed questions as in NTP. */

/** One question: asked at `sentAt`, answered at `receivedAt` (our clock) with the hub's time. All in milliseconds. */
export interface ClockSample {
  sentAt: number;
  serverTime: number;
  receivedAt: number;
}

/** The samples that are kept: old ones go, so that drift and clock steps are followed. */
const keptSamples = 8;

/** Keeps the last samples and believes the one with the shortest round trip: it leaves the least room for error. */
export class HubClock {
  #samples: ClockSample[] = [];

  /** Takes one answered question into account. */
  add(sample: ClockSample): void {
    this.#samples = [...this.#samples, sample].slice(-keptSamples);
  }

  /** Hub time minus our time, in milliseconds; 0 until something is known. */
  get offsetMs(): number {
    const roundTrip = (sample: ClockSample) => sample.receivedAt - sample.sentAt;
    const best = this.#samples.reduce<ClockSample | undefined>(
      (shortest, sample) => (shortest === undefined || roundTrip(sample) <= roundTrip(shortest) ? sample : shortest),
      undefined,
    );
    return best === undefined ? 0 : best.serverTime - (best.sentAt + best.receivedAt) / 2;
  }

  /** The hub's time now, epoch milliseconds. */
  now(): number {
    return Date.now() + this.offsetMs;
  }
}
