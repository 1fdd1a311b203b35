import { expect, it } from "vitest";
import { untilReady } from "./processes.ts";
import type { Death } from "./supervised-process.ts";

/** Ready when it was asked so often. */
function starting(asksUntilReady: number, death: Partial<Death>) {
  let asks = 0;
  return {
    name: "hub",
    isReady: async () => ++asks === asksUntilReady,
    lastDeath: () => ({ name: "hub", code: null, signal: null, lastWords: "", ...death }),
  };
}

it("gives up on a process that says why it cannot start", async () => {
  const hopeless = starting(2, { code: 1, lastWords: "HUB_SECRET is too short" });
  await expect(untilReady(hopeless)).rejects.toThrow("the hub could not start (code 1: HUB_SECRET is too short)");
});

it.each<Partial<Death>>([{ code: 12 }, { code: 134 }, { signal: "SIGKILL" }])(
  "waits for one that comes back after %o",
  async (death) => {
    await expect(untilReady(starting(2, death))).resolves.toBeUndefined();
  },
);

it("takes no answer for not yet", async () => {
  const answers = [() => Promise.reject(new Error("fetch failed")), async () => true];
  const isReady = async () => answers.shift()?.() ?? false;
  await expect(untilReady({ name: "hub", isReady, lastDeath: () => undefined })).resolves.toBeUndefined();
});
