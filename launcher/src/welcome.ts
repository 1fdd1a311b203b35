/** What people read once the system runs. */
import type { Stack } from "./stack.ts";

/** Where everything is, and when it ends: after `seconds`, or on Ctrl-C. */
export function welcome({ url, viewerToken, databaseUrl }: Stack, dataDir: string, seconds?: number): string {
  return [
    "",
    "  The robot drives. Look at it:",
    "",
    `    page   ${url}/?token=${viewerToken}`,
    `    token  ${viewerToken}  (for viewers; others: npm run hub -- token --help)`,
    `    SQL    psql "${databaseUrl}"`,
    `    logs   ${dataDir}/logs`,
    "",
    seconds === undefined ? "  Ctrl-C stops it." : `  It stops after ${seconds} seconds.`,
    "",
  ].join("\n");
}
