/** The command line of `npm run docker`. Nothing else here reads flags or the environment. */
import { Argument, Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { frameworkNames } from "@physical-ai/policy";
import { readBy, wholeNumber } from "@physical-ai/service/options";
import { dockerfilesFolder } from "../build-context.ts";
import { memoryBytesOf } from "../container-spec.ts";
import { parseGpuIds } from "../gpus.ts";
import {
  type ManagerFlags,
  managerOptionsOf,
  networkNameOption,
  ownerOption,
  registryOption,
  sharedVolumeOption,
} from "../options.ts";
import type { DockerManagerOptions } from "../settings.ts";
import type { DockerCommands } from "./commands.ts";

const help = `
Examples:
  npm run docker -- build reference --network host
  npm run docker -- up reference
  npm run docker -- up lerobot --model-path lerobot/act_aloha_sim --gpus 0 --memory 16g
  npm run docker -- logs lerobot --follow
  npm run docker -- exec lerobot -- nvidia-smi
  npm run docker -- down

Frameworks: ${frameworkNames.join(", ")}.
A container is named by its framework where there is one of it, or by its name or id.
DOCKER_HOST says where the Docker Engine is: unix:///var/run/docker.sock, tcp://host:2376, ssh://user@host.
Exit codes: 0 done, 1 failed, 2 not understood, 3 no engine answers; of exec the command's own.`;

/**
 * Reads the arguments and calls the command that they name.
 *
 * @param argv the arguments of the user
 * @param createCommands makes the commands for the options that stand before them
 * @returns the exit code of a command that was run, 0 otherwise
 * @throws CommanderError when it does not understand, and after help; it has been printed then
 */
export async function runCommandLine(
  argv: readonly string[],
  createCommands: (options: DockerManagerOptions) => DockerCommands,
): Promise<number> {
  const program = new Command("npm run docker --")
    .description("The containers of policy frameworks: from the image to the process that answers.")
    .addOption(registryOption())
    .addOption(new Option("--registry-username <name>", "for registries that want one").env("REGISTRY_USERNAME"))
    .addOption(new Option("--registry-password <password>", "best in the environment").env("REGISTRY_PASSWORD"))
    .addOption(networkNameOption())
    .addOption(sharedVolumeOption())
    .addOption(ownerOption())
    .enablePositionalOptions()
    .showHelpAfterError("(--help lists the commands, <command> --help its options)")
    .addHelpText("after", help)
    .exitOverride();
  const commands = () => createCommands(managerOptions(program.opts()));
  let exitCode = 0;
  addImageCommands(program, commands);
  addContainerCommands(program, commands);
  addInsightCommands(program, commands, (code) => {
    exitCode = code;
  });
  await program.parseAsync([...argv], { from: "user" });
  return exitCode;
}

/** Subcommands do not mind the options that stand before them. */
type Program = Command<[], GlobalOptions>;
type Commands = () => DockerCommands;

const frameworkArgument = () => new Argument("<framework>").choices(frameworkNames);
const tagOption = () => new Option("--tag <tag>", "of the image").default("latest");
const jsonOption = () => new Option("--json", "for programs").default(false);

function addImageCommands(program: Program, commands: Commands): void {
  program
    .command("build")
    .description("build a framework's image, with live output")
    .addArgument(frameworkArgument())
    .option("--containers <folder>", "what images are built from: <folder>/<framework>/Dockerfile", dockerfilesFolder)
    .option("--dockerfile <file>", "another Dockerfile; it copies from its own folder")
    .addOption(tagOption())
    .option("--platform <platform>", "as in linux/arm64; the engine's own when missing")
    .option("--build-arg <name=value>", "for the Dockerfile's ARG; may be repeated", collectPairs, {})
    .option("--network <network>", "of the build's commands: host lets them use the machine's own network")
    .action((framework, options) => commands().build(framework, options));
  program
    .command("pull")
    .description("fetch a framework's image from its registry")
    .addArgument(frameworkArgument())
    .addOption(tagOption())
    .action((framework, options) => commands().pull(framework, options));
  program
    .command("push")
    .description("bring a framework's image to its registry")
    .addArgument(frameworkArgument())
    .addOption(tagOption())
    .action((framework, options) => commands().push(framework, options));
  program
    .command("images")
    .description("list the images that are here")
    .addOption(jsonOption())
    .action((options) => commands().images(options));
  program
    .command("rmi")
    .description("remove a framework's image")
    .addArgument(frameworkArgument())
    .addOption(tagOption())
    .option("--force", "also when a stopped container was made from it", false)
    .action((framework, options) => commands().rmi(framework, options));
}

function addContainerCommands(program: Program, commands: Commands): void {
  program
    .command("up")
    .description("make and start a framework's container unless it is there, start its process, wait until it answers")
    .addArgument(frameworkArgument())
    .option("--model-path <path>", "as the container sees it, or as the framework can find it")
    .option("--set <name=value>", "what else the framework wants to know; may be repeated", collectPairs, {})
    .addOption(
      new Option("--gpus <ids>", "all, none, or as in 0,1")
        .env("NVIDIA_VISIBLE_DEVICES")
        .argParser(readBy(parseGpuIds))
        .default([], "none"),
    )
    .option("--memory <limit>", "as in 512m or 16g; no limit when missing", readBy(checkMemory))
    .option("--port <port>", "the first to try on this machine; the framework's when missing", wholeNumber(1, 65_535))
    .option("--env <name=value>", "for the processes inside; may be repeated", collectPairs, {})
    .addOption(tagOption())
    .option("--name <name>", "of the container; another name makes another container")
    .action((framework, options) => commands().up(framework, options));
  program
    .command("down")
    .description("stop and remove our containers, and at last the network")
    .addArgument(new Argument("[framework...]", "all when missing").choices(frameworkNames))
    .action((frameworks) => commands().down(frameworks));
  program
    .command("restart")
    .description("stop and start a container; its process has to be started with up")
    .argument("<container>")
    .action((container) => commands().restart(container));
  program
    .command("stop")
    .description("stop a container, and keep it")
    .argument("<container>")
    .action((container) => commands().stop(container));
  program
    .command("rm")
    .description("remove a container")
    .argument("<container>")
    .option("--force", "also when it runs", false)
    .action((container, options) => commands().rm(container, options));
}

function addInsightCommands(program: Program, commands: Commands, onExit: (exitCode: number) => void): void {
  program
    .command("ps")
    .description("list our containers")
    .option("--all", "also those that do not run", false)
    .addOption(jsonOption())
    .action((options) => commands().ps(options));
  program
    .command("stats")
    .description("what our containers use at the moment")
    .argument("[container...]", "all that run when missing")
    .addOption(jsonOption())
    .action((containers, options) => commands().stats(containers, options));
  program
    .command("logs")
    .description("what a framework's process said")
    .argument("<container>")
    .option("--follow", "and goes on saying, until Ctrl-C", false)
    .option("--lines <count>", "how many of the last lines", wholeNumber(0), 100)
    .action((container, options) => commands().logs(container, options));
  program
    .command("exec")
    .description("run a command in a container")
    .argument("<container>")
    .argument("<command...>")
    .passThroughOptions()
    .action(async (container, command) => {
      onExit(await commands().exec(container, command[0] === "--" ? command.slice(1) : command));
    });
}

type GlobalOptions = ManagerFlags & {
  registryUsername?: string;
  registryPassword?: string;
};

function managerOptions({ registryUsername: username, registryPassword, ...flags }: GlobalOptions) {
  const login = username === undefined ? {} : { registryLogin: { username, password: registryPassword ?? "" } };
  return { ...managerOptionsOf(flags), ...login };
}

function checkMemory(text: string): string {
  memoryBytesOf(text);
  return text;
}

function collectPairs(text: string, pairs: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Expected NAME=value.");
  return { ...pairs, [name]: value };
}
