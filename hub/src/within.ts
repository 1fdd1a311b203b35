/** Resolves with the promise's value, or with `undefined` when that takes longer; what it does goes on. */
export async function within<T>(patienceMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
