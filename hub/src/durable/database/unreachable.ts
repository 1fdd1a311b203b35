/** Errors after which the database may be there a moment later. */

/** Connection exceptions, too few resources, a server that starts or stops, a database that is still being made. */
const passingStates = /^(08|53|57|3D000)/;
const networkErrors = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** Errors of the client's own, which have no code. */
const brokenConnection = /terminated|timeout|not queryable|did not end/i;

/** Whether trying again can help: false for a refused password, a newer database and the like. */
export function isUnreachable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (passingStates.test(code) || networkErrors.test(code)) return true;
  return brokenConnection.test(error.message) || isUnreachable(error.cause);
}

/** An error in one line. Where several addresses were tried in vain, only its code says something. */
export function lineAbout(error: Error): string {
  return error.message === "" && "code" in error ? String(error.code) : error.message;
}
