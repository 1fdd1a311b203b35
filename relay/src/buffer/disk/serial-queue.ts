/** Runs tasks one after the other, in the order in which they came. */
export type SerialQueue = <T>(task: () => Promise<T>) => Promise<T>;

/** Makes a queue. A task that fails does not keep the next one from running. */
export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result;
    return result;
  };
}
