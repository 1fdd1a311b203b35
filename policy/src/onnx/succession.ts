/** One model after another behind one door: questions go to the newest, answers come in the order of the questions. */
import type { ModelAnswer, Pictures, Runtime } from "../runtime.ts";

/** A runtime whose model can be replaced between two questions. It takes the models over: closing it closes the last. */
export class Succession implements Runtime {
  #serving: Runtime;
  #predecessorsGone: Promise<unknown> = Promise.resolve();

  constructor(first: Runtime) {
    this.#serving = first;
  }

  get modelVersion(): string | undefined {
    return this.#serving.modelVersion;
  }

  async infer(features: Float32Array<ArrayBuffer>, rows: number, pictures?: readonly Pictures[]): Promise<ModelAnswer> {
    // The old model may still be computing for a robot that the new one has answered already.
    const [answer] = await Promise.all([this.#serving.infer(features, rows, pictures), this.#predecessorsGone]);
    return answer;
  }

  /** Asks `next` from now on, and closes the old model when it has answered everything that it was asked. */
  async succeed(next: Runtime): Promise<void> {
    const closed = this.#serving.close();
    this.#serving = next;
    this.#predecessorsGone = Promise.allSettled([this.#predecessorsGone, closed]);
    await closed;
  }

  async close(): Promise<void> {
    await this.#predecessorsGone;
    await this.#serving.close();
  }
}
