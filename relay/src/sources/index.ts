/** All kinds of sources. A new one is a folder here and a line in this list. */
import { replayCommand } from "./replay/command-line.ts";
import { simulatorCommand } from "./simulator/command-line.ts";
import type { SourceCommand } from "./source.ts";

export const sourceCommands: readonly SourceCommand[] = [simulatorCommand, replayCommand];
