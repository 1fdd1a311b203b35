/** One model after another behind one door: questions go to the newest, answers come in the order of the questions. */
import type { Runtime } from "./runtime.ts";

/** A runtime whose model can be replaced between two questions. Closing it closes the model that serves. */
export interface Succession extends Runtime {
  /** Asks `next` from now on, and closes the old model when it has answered everything that it was asked. */
  succeed(next: Runtime): Promise<void>;
}

/** Takes over the models: it closes the first, and each that succeeds it. */
export function createSuccession(first: Runtime): Succession {
  let serving = first;
  let predecessorsGone: Promise<unknown> = Promise.resolve();

  return {
    get modelVersion() {
      return serving.modelVersion;
    },
    async infer(features, rows, pictures) {
      // The old model may still be computing for a robot that the new one has answered already.
      const [answer] = await Promise.all([serving.infer(features, rows, pictures), predecessorsGone]);
      return answer;
    },
    async succeed(next) {
      const closed = serving.close();
      serving = next;
      predecessorsGone = Promise.allSettled([predecessorsGone, closed]);
      await closed;
    },
    async close() {
      await predecessorsGone;
      await serving.close();
    },
  };
}
