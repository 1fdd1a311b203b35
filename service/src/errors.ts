/** Errors in messages. */

/** What to tell people about whatever was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Where several addresses were tried in vain, only the code says something.
  return error.message === "" && "code" in error ? String(error.code) : error.message;
}
