/** Counts the pixels of pictures as they stream by, in flat memory. */
import { combine, type FeatureStats, orderStats } from "./stats.ts";

/** In pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** How often each of the 256 values came, for red, green and blue. */
export class PixelCounter {
  readonly #channels = [new Float64Array(256), new Float64Array(256), new Float64Array(256)] as const;
  #header = "";
  #size: Size | undefined;
  /** Bytes of the picture under way that are still to come. */
  #left = 0;
  #frames = 0;

  /** Whole pictures so far. */
  get frames(): number {
    return this.#frames;
  }

  /** @throws before the first picture */
  size(): Size {
    if (this.#size === undefined) throw new Error("there was no picture");
    return this.#size;
  }

  /**
   * Takes the next bytes of a sequence of binary PPM pictures, cut anywhere.
   *
   * @throws when the sequence is no PPM, or pictures change their size
   */
  take(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === 0) {
        this.#readHeader(bytes[at] ?? 0);
        at += 1;
      } else {
        const pixels = bytes.subarray(at, at + this.#left);
        at += pixels.length;
        this.#countPixels(pixels);
      }
    }
  }

  /** Of values from 0 to 1; the count is that of pictures. */
  stats(): FeatureStats {
    return combine(this.#channels.map(statsOfCounts), this.#frames);
  }

  /** One byte more of the header; with its last one the pixels begin. */
  #readHeader(byte: number): void {
    this.#header += String.fromCharCode(byte);
    const [, width, height] = /^P6\s(\d+)\s(\d+)\s255\s$/.exec(this.#header) ?? [];
    if (width !== undefined && height !== undefined) {
      this.#size = sameSize(this.#size, { width: Number(width), height: Number(height) });
      this.#left = 3 * this.#size.width * this.#size.height;
      this.#header = "";
    } else if (this.#header.length > 40) {
      throw new Error(`expected pictures as PPM; got ${JSON.stringify(this.#header)}`);
    }
  }

  #countPixels(bytes: Uint8Array): void {
    const [red, green, blue] = this.#channels;
    // Pixels are cut anywhere: what is left says which channel is next.
    const at = { 0: [red, green, blue], 2: [green, blue, red], 1: [blue, red, green] }[this.#left % 3] ?? [];
    const [first, second, third] = at;
    if (first === undefined || second === undefined || third === undefined) return;
    for (let index = 0; index < bytes.length; index += 3) {
      increment(first, bytes[index]);
      increment(second, bytes[index + 1]);
      increment(third, bytes[index + 2]);
    }
    this.#left -= bytes.length;
    if (this.#left === 0) this.#frames += 1;
  }
}

function increment(counts: Float64Array, value: number | undefined): void {
  if (value !== undefined) counts[value] = (counts[value] ?? 0) + 1;
}

function sameSize(known: Size | undefined, came: Size): Size {
  if (known === undefined || (known.width === came.width && known.height === came.height)) return came;
  throw new Error(
    `the pictures of a video must be of one size; got ${known.width}x${known.height}, then ${came.width}x${came.height}`,
  );
}

/** Exact: there are only 256 values. */
function statsOfCounts(counts: Float64Array) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const moment = (of: (value: number) => number) =>
    counts.reduce((sum, count, value) => sum + count * of(value / 255), 0) / total;
  const mean = moment((value) => value);
  const std = Math.sqrt(moment((value) => (value - mean) ** 2));
  return { ...orderStats(total, (rank) => valueOfRank(counts, rank) / 255), mean, std };
}

function valueOfRank(counts: Float64Array, rank: number): number {
  let below = 0;
  return counts.findIndex((count) => {
    below += count;
    return below > rank;
  });
}
