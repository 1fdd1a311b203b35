#!/usr/bin/env node
/**
 * Runs a program of this project: installs the locked dependencies when they are missing or outdated, builds, starts.
 *
 *   node scripts/run.mjs <program> [arguments]
 *
 * Plain JavaScript, because it runs before anything is installed.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [program, ...args] = process.argv.slice(2);

requireNode(20, 19);
if (dependenciesAreOutdated()) {
  step("installing the locked dependencies (once, about a minute)", "npm", ["ci", "--no-fund", "--no-audit"]);
}
step(undefined, process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "--build", root]);
step(undefined, process.execPath, [join(root, "dashboard", "bundle.mjs")]);
run(join(root, program), args);

function requireNode(major, minor) {
  const [hasMajor, hasMinor] = process.versions.node.split(".").map(Number);
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return;
  fail(`this needs Node ${major}.${minor} or newer; this is ${process.versions.node}. See https://nodejs.org`);
}

function dependenciesAreOutdated() {
  const installed = join(root, "node_modules", ".package-lock.json");
  return !existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, "package-lock.json")).mtimeMs;
}

function step(announcement, command, commandArgs) {
  if (announcement !== undefined) console.error(`${announcement} …`);
  // onnxruntime-node's install script fetches GPU files from outside the registry; the CPU files are inside the package.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
  const { status, error } = spawnSync(command, commandArgs, { cwd: root, env, stdio: ["ignore", 2, 2] });
  if (status !== 0) fail(`${command} ${commandArgs.join(" ")} failed${error ? `: ${error.message}` : ""}`);
}

/** Hands terminal and signals to the program, and ends as it ends. */
function run(file, programArgs) {
  const child = spawn(process.execPath, [file, ...programArgs], { stdio: "inherit" });
  // Ctrl-C on the terminal reaches the program by itself; a second one from here would cut its shutdown short.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}

function fail(problem) {
  console.error(problem);
  process.exit(1);
}
