import { expect, it } from "vitest";
import { untilNameIsKnown } from "./redis.ts";

function watch() {
  const said: string[] = [];
  const patience = { onUnknown: () => said.push("unknown"), onKnown: () => said.push("known") };
  return { said, patience };
}

it.each(["redis://127.0.0.1:6379", "redis://[::1]:6379", "redis://localhost"])("%s needs no words", async (url) => {
  const { said, patience } = watch();
  await untilNameIsKnown(url, { ...patience, signal: new AbortController().signal });
  expect(said).toEqual([]);
});

it("a name that nobody has is said once, and given up when asked", async () => {
  const { said, patience } = watch();
  const giveUp = new AbortController();
  const onUnknown = () => {
    patience.onUnknown();
    giveUp.abort();
  };
  const waiting = untilNameIsKnown("redis://nobody.invalid", { ...patience, onUnknown, signal: giveUp.signal });
  await expect(waiting).rejects.toThrow("aborted");
  expect(said).toEqual(["unknown"]);
});
