/** A disk of 1 MB in a folder's place, to be filled. */
import { execFileSync } from "node:child_process";

/** Small disks are made by root alone. */
export function canMount(): boolean {
  if (process.platform === "linux" && process.getuid?.() === 0) return true;
  console.warn("skipped: only root on Linux can mount a small disk to fill");
  return false;
}

/** Runs a test while the folder is such a disk. */
export async function onSmallDisk(folder: string, run: () => Promise<void>): Promise<void> {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  await run().finally(() => execFileSync("umount", [folder]));
}
