import { expect, it } from "vitest";
import { type Supervised, Supervisor, type SupervisorOptions } from "./supervisor.ts";

/** Runs until it is closed or dies. */
class Thing implements Supervised<string> {
  readonly gone: Promise<string>;
  die: (reason: string) => void = () => undefined;
  constructor() {
    this.gone = new Promise((resolve) => {
      this.die = resolve;
    });
  }
  async close(): Promise<void> {
    this.die("closed");
  }
}

/** A clock that waits for nobody. Stops the supervisor's loop after so many pauses. */
function fakeClock(pauses: number) {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    pass(ms: number) {
      now += ms;
    },
    sleep: (ms: number, signal: AbortSignal) => {
      slept.push(ms);
      if (slept.length <= pauses) return Promise.resolve();
      return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    },
  };
}

const plan = { backoff: { firstMs: 100, longestMs: 300 }, healthyMs: 1_000 };

/** Everything that was promised by now has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function supervise(
  clock: ReturnType<typeof fakeClock>,
  options: Partial<SupervisorOptions<Thing>> = {},
  first?: Thing,
) {
  const started: Thing[] = [];
  const start = () => {
    const thing = new Thing();
    started.push(thing);
    return thing;
  };
  const supervisor = new Supervisor<Thing>({ start, ...plan, ...options }, first, clock);
  return { supervisor, started };
}

it("starts again what is gone, after longer and longer pauses", async () => {
  const clock = fakeClock(3);
  const reasons: string[] = [];
  const { supervisor, started } = supervise(clock, { onGone: (reason) => reasons.push(reason) });
  for (const reason of ["first", "second", "third"]) {
    await settled();
    expect(supervisor.current).toBe(started.at(-1));
    started.at(-1)?.die(reason);
  }
  await settled();
  expect(reasons).toEqual(["first", "second", "third"]);
  expect(clock.slept).toEqual([100, 200, 300]);
  await supervisor.close();
  expect(started).toHaveLength(4);
});

it("pauses shortly again after what ran well", async () => {
  const clock = fakeClock(3);
  const { supervisor, started } = supervise(clock);
  for (const ranMs of [0, 0, 1_001]) {
    await settled();
    clock.pass(ranMs);
    started.at(-1)?.die("");
  }
  await settled();
  expect(clock.slept).toEqual([100, 200, 100]);
  await supervisor.close();
});

it("tries again what did not start", async () => {
  const clock = fakeClock(1);
  const thing = new Thing();
  const problems: unknown[] = [];
  const starts = [() => Promise.reject(new Error("no model")), async () => thing];
  const { supervisor } = supervise(clock, {
    start: () => starts.shift()?.() ?? thing,
    onStartFailed: (error) => problems.push(error),
  });
  expect(supervisor.current).toBeUndefined();
  await settled();
  expect(problems).toEqual([new Error("no model")]);
  expect(supervisor.current).toBe(thing);
  await supervisor.close();
});

it("ends when the work is done", async () => {
  const { supervisor, started } = supervise(fakeClock(0), { isDone: (reason) => reason === "done" });
  await settled();
  started[0]?.die("done");
  await supervisor.ended;
  expect([started.length, supervisor.current]).toEqual([1, undefined]);
});

it("watches one that runs already", async () => {
  const first = new Thing();
  const { supervisor, started } = supervise(fakeClock(1), {}, first);
  expect(supervisor.current).toBe(first);
  first.die("");
  await settled();
  expect(supervisor.current).toBe(started[0]);
  await supervisor.close();
});

it("closes what was being started when it was closed, and cuts a pause short", async () => {
  const late = new Thing();
  let give: (thing: Thing) => void = () => undefined;
  const { supervisor } = supervise(fakeClock(0), {
    start: (signal) => {
      expect(signal.aborted).toBe(false);
      return new Promise<Thing>((resolve) => {
        give = resolve;
      });
    },
  });
  const closed = supervisor.close();
  give(late);
  await closed;
  expect(await late.gone).toBe("closed");

  const paused = supervise(fakeClock(0));
  await settled();
  paused.started[0]?.die("");
  await settled();
  await paused.supervisor.close();
  expect(paused.started).toHaveLength(1);
});
