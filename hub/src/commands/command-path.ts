/** The way of commands: from who asks to the robot's relay, with all that can be asked on the way. */
import type { CommandRow } from "@physical-ai/db";
import type { BatchWriter } from "../durable/batch-writer.ts";
import type { LivePath } from "../live/live-path.ts";
import { type Commander, createCommander } from "./commander.ts";
import { createEncoders, type Encoders } from "./encoders.ts";
import { createRelays, type Relays } from "./relays.ts";

/** The commander, and the registers of those whom it asks. */
export interface CommandPath {
  commander: Commander;
  relays: Relays;
  encoders: Encoders;
}

/** Makes it beside the live path, which knows where robots are. */
export function createCommandPath(
  { robots, cluster, everyViewer }: LivePath,
  writer: Pick<BatchWriter<CommandRow>, "add">,
): CommandPath {
  const relays = createRelays();
  const encoders = createEncoders();
  const commander = createCommander({
    routes: {
      findRelay: (robotId) => robots.relayOf(robotId),
      findRelayNamed: (relayId) => relays.named(relayId),
      findEncoder: (robotId, robotType, takesCommands) =>
        encoders.find(robotId, robots.typeOf(robotId) ?? robotType, takesCommands),
    },
    findHub(id) {
      const hubId = robots.hubOf(id);
      return hubId === undefined ? undefined : { send: (command) => cluster.command(hubId, command) };
    },
    audience: everyViewer,
    writer,
  });
  return { commander, relays, encoders };
}
