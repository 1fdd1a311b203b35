/** The project's policies with long deadlines: a recording replayed much faster than life is not late. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const policies = fileURLToPath(new URL("../../brain-worker/policies", import.meta.url));

/** Copies the policies into a temporary folder with a deadline of a minute. Whoever makes it removes it. */
export async function copyPatientPolicies(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "hub-policies-"));
  await cp(policies, folder, { recursive: true });
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".yaml"))) {
    const file = join(folder, name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/^deadline_ms: .*$/m, "deadline_ms: 60000"));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
