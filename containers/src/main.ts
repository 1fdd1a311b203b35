/** `npm run docker`: wires the commands on the containers of frameworks. */
import { CommanderError } from "@commander-js/extra-typings";
import { messageOf } from "@physical-ai/service/errors";
import { pino } from "pino";
import { createDockerCommands } from "./cli/commands.ts";
import { runCommandLine } from "./cli/config.ts";
import { createDockerManager } from "./docker-manager.ts";
import { DockerError } from "./engine/errors.ts";

// What happens is told by the commands themselves.
const logger = pino({ level: "silent" });
const exitCodes = { failed: 1, notUnderstood: 2, unreachable: 3 };

try {
  process.exitCode = await runCommandLine(process.argv.slice(2), (options) =>
    createDockerCommands(createDockerManager({ logger }, options)),
  );
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  // Commander has said what is wrong, or printed the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.notUnderstood;
  console.error(messageOf(error));
  return error instanceof DockerError && error.code === "engine_unreachable" ? exitCodes.unreachable : exitCodes.failed;
}
