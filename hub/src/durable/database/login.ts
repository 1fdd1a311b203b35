/** A database that is there, and does not let the hub in. */

/** Says what to do about it; any other error stays as it is. SQLSTATE class 28: invalid authorization. */
export function explainLogin(error: unknown): unknown {
  if (!(error instanceof Error && "code" in error && /^28/.test(String(error.code)))) return error;
  return new Error(
    `expected the database to know the user and password of its URL; it says: ${error.message}. ` +
      "Mend DATABASE_URL or the file that DATABASE_URL_FILE names, or tell the database: ALTER ROLE <user> PASSWORD '<password>'",
    { cause: error },
  );
}
