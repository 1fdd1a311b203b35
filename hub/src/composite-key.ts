/**
 * One key of two identifiers, such as a robot and the type of its data. They have no control characters, so no two
 * pairs have the same; a key may be the first of another.
 */
export function compositeKey(first: string, second: string): string {
  return `${first}\u0000${second}`;
}
