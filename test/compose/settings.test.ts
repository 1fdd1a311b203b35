/** `.env.example` and docker-compose.yml say the same. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

it("all that can be set is in the example, with its default", () => {
  const settings = [...read("docker-compose.yml").matchAll(/\$\{([A-Z_]+):-([^}]*)\}/g)];
  const used = new Map(settings.map(([, name = "", value = ""]) => [name, value]));
  const examples = [...read(".env.example").matchAll(/^#([A-Z_]+)=(\S*)/gm)];
  const documented = new Map(examples.map(([, name = "", value = ""]) => [name, value]));
  expect(used.size).toBeGreaterThan(20);
  for (const [name, value] of used) expect([name, documented.get(name)]).toEqual([name, value]);
});
