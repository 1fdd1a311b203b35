/** Sets a key; when there are more than `limit`, the one that was added first goes. */
export function remember<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > limit && first !== undefined) map.delete(first);
}
