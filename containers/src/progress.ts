/** What the engine says while it builds, pulls or pushes. */
import { type ProgressEvent, validateProgress } from "./engine/answers.ts";
import { understood } from "./engine/engine.ts";
import { type DockerErrorCode, explain } from "./engine/errors.ts";
import { LineSplitter } from "./engine/output.ts";

/** How far a pull or a push is: all layers together. */
export interface TransferProgress {
  /** Those that are done, or were there already. */
  readonly layersDone: number;
  /** Known so far. */
  readonly layers: number;
  /** Transferred so far. */
  readonly bytes: number;
  /** Of the layers that have begun: grows as others begin. */
  readonly totalBytes: number;
}

/**
 * The events of a long work.
 *
 * @param failure the code of an error among them that says nothing that is known
 */
export async function* progressEvents(
  bytes: AsyncIterable<Uint8Array>,
  failure: DockerErrorCode,
): AsyncGenerator<ProgressEvent, void> {
  const splitter = new LineSplitter();
  for await (const chunk of bytes) yield* eventsOf(splitter.push(chunk));
  yield* eventsOf(splitter.end());

  function* eventsOf(lines: readonly string[]): Generator<ProgressEvent, void> {
    for (const line of lines.filter((candidate) => candidate.trim() !== "")) {
      const event = understood(validateProgress, JSON.parse(line));
      if (event.error !== undefined) throw explain(event.error, failure);
      yield event;
    }
  }
}

/** What people read while an image is built, line by line. */
export async function* outputLines(events: AsyncIterable<ProgressEvent>): AsyncGenerator<string, void> {
  const splitter = new LineSplitter();
  for await (const event of events) yield* splitter.push(textOf(event));
  yield* splitter.end();
}

function textOf({ stream, status, id, progressDetail }: ProgressEvent): string {
  if (stream !== undefined) return stream;
  // The base image is being pulled; its bars are left out.
  return status === undefined || progressDetail?.total !== undefined ? "" : `${id ?? "base image"}: ${status}\n`;
}

/** Adds the layers up. */
export class TransferSum {
  readonly #layers = new Map<string, Layer>();

  /** Feed it every event; it returns the sum where the event was about a layer. */
  add({ id, status = "", progressDetail }: ProgressEvent): TransferProgress | undefined {
    const stage = stages[status.replace(/^(Mounted from) .*/, "$1")];
    if (id === undefined || stage === undefined) return undefined;
    this.#layers.set(id, moved(this.#layers.get(id) ?? newLayer, stage, progressDetail));
    const all = [...this.#layers.values()];
    return {
      layersDone: all.filter(({ done }) => done).length,
      layers: all.length,
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      totalBytes: all.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    };
  }
}

interface Layer {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly done: boolean;
}

const newLayer: Layer = { bytes: 0, totalBytes: 0, done: false };

/** Where a layer is. Other events are about the image as a whole: `Pulling from robotis/lerobot`. */
const stages: Record<string, "waiting" | "moving" | "moved" | "done"> = {
  "Pulling fs layer": "waiting",
  Preparing: "waiting",
  Waiting: "waiting",
  Downloading: "moving",
  Pushing: "moving",
  "Verifying Checksum": "moved",
  "Download complete": "moved",
  // It counts the same bytes once more.
  Extracting: "moved",
  "Pull complete": "done",
  "Already exists": "done",
  Pushed: "done",
  "Layer already exists": "done",
  "Mounted from": "done",
};

function moved(
  { bytes, totalBytes, done }: Layer,
  stage: "waiting" | "moving" | "moved" | "done",
  detail: ProgressEvent["progressDetail"],
): Layer {
  switch (stage) {
    case "waiting":
      return { bytes, totalBytes, done };
    case "moving": {
      const current = detail?.current ?? bytes;
      return { bytes: current, totalBytes: Math.max(detail?.total ?? 0, totalBytes, current), done };
    }
    case "moved":
      return { bytes: totalBytes, totalBytes, done };
    case "done":
      return { bytes: totalBytes, totalBytes, done: true };
  }
}
