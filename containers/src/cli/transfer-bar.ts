/** Shows how far a pull or a push is: a bar on a terminal, lines elsewhere. */
import { Presets, SingleBar } from "cli-progress";
import type { TransferProgress } from "../progress.ts";
import { formatBytes } from "./tables.ts";

/** Calls `transfer` with what it reports its progress to. Writes to stderr. */
export async function showTransfer<T>(
  transfer: (onProgress: (progress: TransferProgress) => void) => Promise<T>,
): Promise<T> {
  return process.stderr.isTTY ? showBar(transfer) : transfer(lineWriter());
}

async function showBar<T>(transfer: (onProgress: (progress: TransferProgress) => void) => Promise<T>): Promise<T> {
  const format = "{bar} {percentage} %  {amount}  {layersDone} of {layers} layers";
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.shades_classic);
  bar.start(1, 0, { amount: "", layersDone: 0, layers: "?" });
  try {
    return await transfer(({ bytes, totalBytes, layersDone, layers }) => {
      const amount = `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
      bar.setTotal(Math.max(1, totalBytes));
      bar.update(bytes, { amount, layersDone, layers });
    });
  } finally {
    bar.stop();
  }
}

/** A line for each layer that is done. */
function lineWriter(): (progress: TransferProgress) => void {
  let told = -1;
  return ({ layersDone, layers, bytes }) => {
    if (layersDone === told) return;
    told = layersDone;
    console.error(`${layersDone} of ${layers} layers, ${formatBytes(bytes)}`);
  };
}
