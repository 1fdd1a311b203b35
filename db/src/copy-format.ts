/**
 * PostgreSQL's binary COPY format, which the server reads and writes with less work than text.
 *
 * A row is the number of its columns and, for each, its length and its bytes. See
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */

/** PostgreSQL counts time from 2000-01-01 UTC. */
export const epochOffsetMs = 946_684_800_000;
export const twoTo32 = 2 ** 32;
