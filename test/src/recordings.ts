/** The real robot recordings beside the project. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("../../../shared/data/", import.meta.url);

/** A recording's path; `undefined` on machines that do not have it. */
export function findRecording(name: string): string | undefined {
  const path = fileURLToPath(new URL(name, folder));
  if (existsSync(path)) return path;
  console.warn(`skipped: ${path} is not on this machine (the UCI recordings lie beside the project)`);
  return undefined;
}
