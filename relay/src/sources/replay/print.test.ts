import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { printRecording } from "./print.ts";

let folder: string;
let file: string;
const columns = { type: "battery", value: "percent", hz: 1 };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "print-"));
  file = join(folder, "battery.csv");
  await writeFile(file, `percent\n${Array.from({ length: 1_000 }, (_, index) => index).join("\n")}\n`);
});
afterEach(() => rm(folder, { recursive: true }));

it("writes every packet on a line of its own, as fast as the reader reads", async () => {
  const output = new PassThrough({ highWaterMark: 100 });
  const read = text(output);
  await printRecording({ file, columns }, output);
  output.end();
  const packets = (await read)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(packets.map(({ val }) => val)).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  expect(packets[0]).toMatchObject({ robot_id: "EP01", type: "battery", ts: expect.any(Number) });
});

const failing = (code: string) =>
  new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`the output failed: ${code}`), { code })),
  });

it("ends quietly when nobody reads any more", async () => {
  await expect(printRecording({ file, columns }, failing("EPIPE"))).resolves.toBeUndefined();
});

it("says every other failure", async () => {
  await expect(printRecording({ file, columns }, failing("ENOSPC"))).rejects.toThrow("the output failed: ENOSPC");
  await expect(printRecording({ file: join(folder, "none.csv") }, new PassThrough())).rejects.toThrow(
    "there is no such file",
  );
});
