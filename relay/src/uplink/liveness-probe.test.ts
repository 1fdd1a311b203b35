import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LivenessProbe } from "./liveness-probe.ts";

const quietMs = 5_000;
let questions: { answered: () => void; unanswered: (error: Error) => void }[];
let deaths: number;
let probe: LivenessProbe;

beforeEach(() => {
  vi.useFakeTimers();
  questions = [];
  deaths = 0;
  const ask = () => new Promise<void>((answered, unanswered) => questions.push({ answered, unanswered }));
  probe = new LivenessProbe({ ask, onDead: () => deaths++ }, quietMs);
});
afterEach(() => {
  vi.useRealTimers();
});

/** An answer that the hub owes us. */
function owe() {
  let resolve: (answer: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const answer = new Promise<string>((...both) => {
    [resolve, reject] = both;
  });
  return { resolve, reject, watched: probe.watch(answer).catch((error) => String(error)) };
}

it("asks nothing while answers come, and nothing when none is owed", async () => {
  for (let each = 0; each < 10; each += 1) {
    const { resolve, watched } = owe();
    await vi.advanceTimersByTimeAsync(quietMs - 1);
    resolve("committed");
    expect(await watched).toBe("committed");
  }
  await vi.advanceTimersByTimeAsync(10 * quietMs);
  expect(questions).toHaveLength(0);
});

it("lets a hub take its time for an answer as long as it answers questions", async () => {
  const { resolve, watched } = owe();
  for (let asked = 1; asked <= 5; asked += 1) {
    await vi.advanceTimersByTimeAsync(quietMs);
    expect(questions).toHaveLength(asked);
    questions.at(-1)?.answered();
  }
  resolve("committed");
  expect([await watched, deaths]).toEqual(["committed", 0]);
});

it("knows the link for dead when a question is not answered either", async () => {
  owe();
  await vi.advanceTimersByTimeAsync(quietMs);
  expect(deaths).toBe(0);
  questions[0]?.unanswered(new Error("timed out"));
  await vi.advanceTimersByTimeAsync(0);
  expect(deaths).toBe(1);
});

it("does not mind an unanswered question when something else came meanwhile", async () => {
  const [first] = [owe(), owe()];
  await vi.advanceTimersByTimeAsync(quietMs);
  first.resolve("committed");
  questions[0]?.unanswered(new Error("timed out"));
  await vi.advanceTimersByTimeAsync(0);
  expect(deaths).toBe(0);
});

it("has nothing to say about a connection that was lost", async () => {
  const { reject, watched } = owe();
  await vi.advanceTimersByTimeAsync(quietMs);
  questions[0]?.unanswered(new Error("disconnected"));
  reject(new Error("disconnected"));
  expect(await watched).toBe("Error: disconnected");
  await vi.advanceTimersByTimeAsync(10 * quietMs);
  expect([questions.length, deaths]).toEqual([1, 0]);
});
