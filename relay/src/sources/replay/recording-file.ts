/** The file of a recording, before anything of it is read. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";

/**
 * How large the file is, in bytes.
 *
 * @throws Error that says where a recording was looked for, when there is none
 */
export async function sizeOfRecording(file: string): Promise<number> {
  const found = await stat(file).catch((cause) => {
    const problem = cause.code === "ENOENT" ? "there is no such file" : cause.message;
    throw new Error(`expected a recording at ${resolve(file)}: ${problem}`, { cause });
  });
  if (found.isDirectory()) throw new Error(`expected a recording at ${resolve(file)}: this is a folder`);
  return found.size;
}
