/** The programs beside these tests. */
import { fileURLToPath } from "node:url";

/** The path of a Python program. */
export function pythonProgram(name: string): string {
  return fileURLToPath(new URL(`python/${name}`, import.meta.url));
}
