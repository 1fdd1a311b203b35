/** Pictures to mp4, by ffmpeg as a child process. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { syncFile } from "@physical-ai/service/whole-file";
import { PixelCounter } from "./pixels.ts";

/** A video to write. */
export interface VideoOrder {
  /** The bytes of whole pictures, one a frame. */
  readonly pictures: AsyncIterable<Uint8Array>;
  /** How many there are. */
  readonly frames: number;
  readonly encoding: "jpeg" | "png";
  readonly fps: number;
  /** Written over when it exists. */
  readonly file: string;
}

const program = "ffmpeg";
const decoders = { jpeg: "mjpeg", png: "png" } as const;
/** How much of what the encoder complained about is kept, in characters. */
const complaintLength = 2_000;

/** @throws when there is no encoder on this machine, with what to do */
export async function requireEncoder(): Promise<void> {
  const child = spawn(program, ["-version"], { stdio: "ignore" });
  await once(child, "exit").catch(explainMissing);
}

/**
 * Encodes a video as H.264, and counts its pixels on the way. A key frame every other frame makes any frame quick to find;
 * sides are cut to even numbers, which is what the pixel format needs.
 *
 * @throws when a picture cannot be decoded, or pictures change their size
 */
export async function encodeVideo({ pictures, frames, encoding, fps, file }: VideoOrder): Promise<PixelCounter> {
  mkdirSync(dirname(file), { recursive: true });
  const child = spawn(program, argumentsOf(encoding, fps, file));
  const pixels = new PixelCounter();
  const complaints = tailOf(child);
  try {
    await Promise.all([
      once(child, "close").catch(explainMissing),
      // An encoder that gives up early says so itself; the broken pipe is only what follows.
      pipeline(Readable.from(pictures), child.stdin).catch(ignoreBrokenPipe),
      countPixels(child, pixels),
    ]);
  } catch (error) {
    child.kill();
    throw error;
  }
  if (child.exitCode !== 0 || pixels.frames !== frames) {
    const problem = complaints().trim() || `it ended with ${child.exitCode ?? child.signalCode}`;
    throw new Error(`${program} made ${pixels.frames} of ${frames} frames of ${file}: ${problem}`);
  }
  syncFile(file);
  return pixels;
}

function argumentsOf(encoding: "jpeg" | "png", fps: number, file: string): string[] {
  const even = "scale=trunc(iw/2)*2:trunc(ih/2)*2,format=rgb24,split[video][pixels]";
  return [
    ...["-hide_banner", "-loglevel", "error", "-nostdin", "-xerror", "-y"],
    ...["-f", "image2pipe", "-c:v", decoders[encoding], "-framerate", String(fps), "-i", "pipe:0"],
    ...["-filter_complex", `[0:v]${even}`],
    ...["-map", "[video]", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "2", "-bf", "0", "-crf", "23"],
    ...["-movflags", "+faststart", file],
    ...["-map", "[pixels]", "-f", "image2pipe", "-c:v", "ppm", "pipe:1"],
  ];
}

async function countPixels(child: ChildProcessWithoutNullStreams, pixels: PixelCounter): Promise<void> {
  for await (const bytes of child.stdout) pixels.take(bytes);
}

function tailOf(child: ChildProcessWithoutNullStreams): () => string {
  let tail = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    tail = (tail + text).slice(-complaintLength);
  });
  return () => tail;
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
}

function explainMissing(error: NodeJS.ErrnoException): never {
  if (error.code !== "ENOENT") throw error;
  throw new Error(
    `--video needs ${program} on the PATH, and there is none: install it (apt-get install ffmpeg, brew install ffmpeg), or leave --video out`,
    { cause: error },
  );
}
