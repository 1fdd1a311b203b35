import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** What a process that logs one line prints. Its stdout is no terminal. */
async function printed(format?: "json" | "pretty"): Promise<string> {
  const { href } = new URL("../dist/logger.js", import.meta.url);
  const script = `
    import { createLogger } from ${JSON.stringify(href)};
    createLogger({ name: "hub", level: "info", format: ${JSON.stringify(format)} }).info({ url: "http://a" }, "listening");
    process.exit(0);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script]);
  return stdout;
}

test("machines get JSON", async () => {
  const line = JSON.parse(await printed());
  expect(line).toEqual({ level: "info", time: line.time, name: "hub", url: "http://a", msg: "listening" });
  expect(new Date(line.time).toISOString()).toBe(line.time);
});

test("people get one line, complete though the process ends at once", async () => {
  const text = await printed("pretty");
  expect(text).toMatch(/INFO \(hub\): listening \{"url":"http:\/\/a"\}\n$/);
  expect(text.trim().split("\n")).toHaveLength(1);
});
