/** `videos`: one file for each camera and episode. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { blobFile } from "@physical-ai/db";
import { type Feature, videoFeature } from "./features.ts";
import type { Picture } from "./field.ts";
import { type Place, pathOf, placeOf } from "./file-series.ts";
import type { FeatureStats } from "./stats.ts";
import { encodeVideo } from "./video.ts";

/** Writes a camera's videos, and says where each is and what its pictures look like. */
export class VideoTrack {
  readonly key: string;
  readonly #folder: string;
  readonly #fps: number;
  readonly #blobFolder: string;
  #feature: Feature | undefined;

  /** @param blobFolder where the pictures' bytes lie */
  constructor(folder: string, key: string, fps: number, blobFolder: string) {
    this.key = key;
    this.#folder = folder;
    this.#fps = fps;
    this.#blobFolder = blobFolder;
  }

  /** Known once there is an episode. */
  get feature(): Feature | undefined {
    return this.#feature;
  }

  async add(pictures: readonly Picture[], episode: number): Promise<{ place: Place; stats: FeatureStats }> {
    const place = placeOf(episode);
    const pixels = await encodeVideo({
      pictures: readPictures(this.#blobFolder, pictures),
      frames: pictures.length,
      encoding: encodingOf(this.key, pictures),
      fps: this.#fps,
      file: join(this.#folder, "videos", this.key, pathOf(place, "mp4")),
    });
    this.#feature = sameFeature(this.key, this.#feature, videoFeature(pixels.size(), this.#fps));
    return { place, stats: pixels.stats() };
  }
}

function encodingOf(key: string, pictures: readonly Picture[]): Picture["encoding"] {
  const encodings = new Set(pictures.map(({ encoding }) => encoding));
  const [encoding, other] = encodings;
  if (encoding !== undefined && other === undefined) return encoding;
  throw new Error(
    `${key}: the pictures of an episode must all be jpeg or all png; got ${[...encodings].join(" and ")}`,
  );
}

function sameFeature(key: string, known: Feature | undefined, came: Feature): Feature {
  if (known === undefined || known.shape.join() === came.shape.join()) return came;
  throw new Error(
    `${key}: all videos must be of one size (height, width, channels); got ${known.shape.join("x")}, then ${came.shape.join("x")}. Choose rows of one size with --since and --until`,
  );
}

/**
 * Reads pictures one after the other. One that comes several times in a row is read once.
 *
 * @throws when the folder does not have one
 */
async function* readPictures(folder: string, pictures: Iterable<Picture>): AsyncGenerator<Uint8Array> {
  let known: { sha256: string; bytes: Uint8Array } | undefined;
  for (const { $blob: sha256 } of pictures) {
    if (known?.sha256 !== sha256) known = { sha256, bytes: await readFile(blobFile(folder, sha256)).catch(explain) };
    yield known.bytes;
  }

  function explain(error: NodeJS.ErrnoException): never {
    if (error.code !== "ENOENT") throw error;
    throw new Error(
      `${folder} has no blob ${error.path}: retention may have swept it, or --data-dir is another one. Export later rows (--since), or leave --video out`,
      { cause: error },
    );
  }
}
