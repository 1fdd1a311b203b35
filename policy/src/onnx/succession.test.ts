import { expect, test } from "vitest";
import type { Runtime } from "../runtime.ts";
import { Succession } from "./succession.ts";

/** A model whose answers come when the test says so; it is closed when it has given them all. */
function slowModel(modelVersion: string) {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let closed = false;
  const runtime: Runtime = {
    modelVersion,
    infer: async () => {
      await released;
      return { values: new Float32Array(), modelVersion };
    },
    async close() {
      await released;
      closed = true;
    },
  };
  return {
    runtime,
    release,
    get closed() {
      return closed;
    },
  };
}

test("what was asked before is answered by the old model, and before what was asked later", async () => {
  const [old, next] = [slowModel("1"), slowModel("2")];
  const succession = new Succession(old.runtime);
  const answered: string[] = [];
  const ask = async () => void answered.push((await succession.infer(new Float32Array(), 0)).modelVersion);

  const before = [ask(), ask()];
  const gone = succession.succeed(next.runtime);
  expect(succession.modelVersion).toBe("2");
  const after = [ask(), ask()];
  next.release();
  await new Promise(setImmediate);
  expect([answered, old.closed]).toEqual([[], false]);

  old.release();
  await Promise.all([...before, gone, ...after]);
  expect([answered, old.closed]).toEqual([["1", "1", "2", "2"], true]);
});

test("closing closes the model that serves", async () => {
  const [old, next] = [slowModel("1"), slowModel("2")];
  const succession = new Succession(old.runtime);
  old.release();
  next.release();
  await succession.succeed(next.runtime);
  await succession.close();
  expect([old.closed, next.closed]).toEqual([true, true]);
});
