import { closeSync, fsyncSync, openSync } from "node:fs";

/** Returns when a file's bytes are on the disk: only then may a folder that holds it get its name. */
export function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
