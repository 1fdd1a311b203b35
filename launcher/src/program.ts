import { fileURLToPath } from "node:url";

/** The rooms that are programs. */
export type Room = "db" | "hub" | "brain-worker" | "relay";

/** The file that `node` runs for a room. */
export function programOf(room: Room): string {
  return fileURLToPath(new URL("main.js", import.meta.resolve(`@physical-ai/${room}`)));
}
