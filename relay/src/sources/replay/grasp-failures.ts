/**
 * The text format of the robot execution failures data set: blocks of a class and 15 samples of force and torque, taken
 * 21 ms apart.
 *
 * Each sample is a packet. Its `val` says its block and its place in it, so that a window never spans two blocks.
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { RobotIdentity } from "../source.ts";
import { type RecordedPacket, RecordingError } from "./recording.ts";

const samplesPerBlock = 15;
const valuesPerSample = 6;
const sampleMs = 21;
/** Between the last sample of a block and the first of the next. */
const pauseMs = 2_000;
const blockMs = (samplesPerBlock - 1) * sampleMs + pauseMs;

/** A packet's `val`. */
interface GraspSample {
  /** `[fx, fy, fz, tx, ty, tz]` */
  wrench: number[];
  /** The class of the block: `normal`, `collision`, `fr_collision`, `obstruction`. */
  label: string;
  /** 0, 1, 2 … */
  block: number;
  /** 0 … 14 */
  sample: number;
}

export async function* readGraspFailures(
  input: Readable,
  file: string,
  robot: RobotIdentity,
): AsyncGenerator<RecordedPacket> {
  let line = 0;
  let block = -1;
  let sample = samplesPerBlock;
  let label = "";
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    const words = text.trim().split(/\s+/);
    const fail = (problem: string) => new RecordingError(file, line, problem);
    if (words[0] === "") continue;
    if (isLabel(words)) {
      if (sample !== samplesPerBlock)
        throw fail(`expected ${samplesPerBlock} samples in the block before; got ${sample}`);
      [label, block, sample] = [words[0] ?? "", block + 1, 0];
      continue;
    }
    if (sample === samplesPerBlock) throw fail(`expected a class name; got ${JSON.stringify(text.trim())}`);
    const val: GraspSample = { wrench: parseSample(words, fail), label, block, sample };
    const packet = { robot_id: robot.robotId, robot_type: robot.robotType, type: "force_torque", val };
    yield { packet, offsetMs: block * blockMs + sample * sampleMs };
    sample += 1;
  }
  if (sample !== samplesPerBlock) {
    throw new RecordingError(file, line, `expected ${samplesPerBlock} samples in the last block; got ${sample}`);
  }
}

/** True for a line that names a class. */
export function isLabel(words: readonly string[]): boolean {
  return words.length === 1 && /^[a-z][a-z_]*$/i.test(words[0] ?? "");
}

function parseSample(words: readonly string[], fail: (problem: string) => RecordingError): number[] {
  const wrench = words.map(Number);
  if (wrench.length !== valuesPerSample || !wrench.every(Number.isFinite)) {
    throw fail(`expected ${valuesPerSample} numbers; got ${JSON.stringify(words.join(" "))}`);
  }
  return wrench;
}
