import { expect, it } from "vitest";
import type { ProgressEvent } from "./engine/answers.ts";
import { outputLines, progressEvents, TransferSum } from "./progress.ts";

const one = "a3ed95caeb02";
const two = "5ee37dc7b1d2";

it("adds the layers of a pull up, and counts what is unpacked once", () => {
  const sum = new TransferSum();
  const steps: [ProgressEvent, ReturnType<typeof sum.add>][] = [
    [{ status: "Pulling from robotis/lerobot", id: "latest" }, undefined],
    [{ status: "Pulling fs layer", id: one, progressDetail: {} }, progress(0, 1, 0, 0)],
    [{ status: "Already exists", id: two }, progress(1, 2, 0, 0)],
    [{ status: "Downloading", id: one, progressDetail: { current: 30, total: 100 } }, progress(1, 2, 30, 100)],
    [{ status: "Download complete", id: one }, progress(1, 2, 100, 100)],
    [{ status: "Extracting", id: one, progressDetail: { current: 40, total: 100 } }, progress(1, 2, 100, 100)],
    [{ status: "Pull complete", id: one }, progress(2, 2, 100, 100)],
    [{ status: "Digest: sha256:1234" }, undefined],
  ];
  for (const [event, expected] of steps) expect(sum.add(event)).toEqual(expected);
});

it("adds the layers of a push up, also those that the registry has", () => {
  const sum = new TransferSum();
  sum.add({ status: "Preparing", id: one });
  sum.add({ status: "Pushing", id: one, progressDetail: { current: 512 } });
  sum.add({ status: "Pushing", id: one, progressDetail: { current: 600, total: 550 } });
  expect(sum.add({ status: "Mounted from robotis/pi0", id: two })).toEqual(progress(1, 2, 600, 600));
  expect(sum.add({ status: "Pushed", id: one })).toEqual(progress(2, 2, 600, 600));
});

it("reads events wherever the bytes are cut, and throws the errors among them", async () => {
  const said = ['{"stream":"Step 1/2 : FROM x\\n"}\r\n', '{"stream":"grün"}', "\r\n", '{"error":"code: 1"}\n'];
  const bytes = [...Buffer.from(said.join(""))].map((byte) => Uint8Array.of(byte));
  const events: ProgressEvent[] = [];
  const reading = (async () => {
    for await (const event of progressEvents(each(bytes), "build_failed")) events.push(event);
  })();
  await expect(reading).rejects.toMatchObject({ code: "build_failed", message: "the Docker Engine says: code: 1" });
  expect(events).toEqual([{ stream: "Step 1/2 : FROM x\n" }, { stream: "grün" }]);
});

it("makes lines of a build's output, without the bars of its base image", async () => {
  const lines = outputLines(
    each<ProgressEvent>([
      { stream: "Step 1/2" },
      { stream: " : FROM x\n" },
      { status: "Pulling fs layer", id: one, progressDetail: {} },
      { status: "Downloading", id: one, progressDetail: { current: 1, total: 2 } },
      { status: "Digest: sha256:1234" },
      { stream: "Collecting torch" },
    ]),
  );
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  expect(read).toEqual([
    "Step 1/2 : FROM x",
    `${one}: Pulling fs layer`,
    "base image: Digest: sha256:1234",
    "Collecting torch",
  ]);
});

function progress(layersDone: number, layers: number, bytes: number, totalBytes: number) {
  return { layersDone, layers, bytes, totalBytes };
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
