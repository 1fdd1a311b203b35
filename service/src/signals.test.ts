import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

/** A process that says `up`, waits to be stopped, and takes a moment over it. */
async function start(): Promise<ChildProcess> {
  const { href } = new URL("../dist/signals.js", import.meta.url);
  const script = `
    import { stopRequested } from ${JSON.stringify(href)};
    const stop = stopRequested();
    const work = setInterval(() => undefined, 1_000);
    console.log("up");
    console.log(await stop);
    setTimeout(() => { clearInterval(work); process.exitCode = 7; }, 200);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  await saidBy(child);
  return child;
}

async function saidBy({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("expected a pipe");
  return String((await once(stdout, "data"))[0]).trim();
}

test("a second signal does not cut the end short, nor does the channel to a parent delay it", async () => {
  const child = await start();
  child.kill("SIGTERM");
  expect(await saidBy(child)).toBe("SIGTERM");
  child.kill("SIGTERM");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([7, null]);
});

test("a parent that is gone is a reason to end", async () => {
  const child = await start();
  child.disconnect();
  expect(await saidBy(child)).toBe("disconnect");
  expect(await once(child, "exit")).toEqual([7, null]);
});
