/** What a person sees who replays a recording: a hub that is not there, or does not want it, or a file that is none. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signToken } from "@physical-ai/hub/access";
import { openDiskLog } from "@physical-ai/relay";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { type RelayCommand, runRelay } from "../src/command-lines.ts";
import { eventually } from "../src/eventually.ts";
import { startInProcessHub } from "../src/in-process-hub.ts";
import { freePort } from "../src/test-stack.ts";

const secret = "a secret of at least thirty-two characters";
const columns = ["--type", "battery", "--value", "percent"];
const count = 300;

let folder: string;
let recording: string;
let relay: RelayCommand | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "replay-"));
  recording = join(folder, "battery.csv");
  await writeFile(recording, `percent\n${Array.from({ length: count }, (_, index) => index + 1).join("\n")}\n`);
});
afterEach(async () => {
  relay?.process.kill("SIGKILL");
  await relay?.ended;
  relay = undefined;
  await rm(folder, { recursive: true });
});

/** Starts a relay whose log and hub are those of this test. */
function start(port: number, ...args: string[]): RelayCommand {
  relay = runRelay(...args, "--data-dir", folder, "--relay-id", "pi-1", "--hub-url", `http://127.0.0.1:${port}`);
  return relay;
}

const said = ({ log }: RelayCommand, words: string) => log.filter(({ msg }) => msg.includes(words));

/** How many packets wait in the relay's log, which no relay has open. */
async function packetsInLog(): Promise<number> {
  const log = await openDiskLog({ logger: pino({ level: "silent" }) }, { folder: join(folder, "relay", "pi-1") });
  await log.close();
  return log.lastSeq - log.firstSeq + 1;
}

/** Something that listens, and sends everyone away. */
async function startCloser(port: number) {
  let visitors = 0;
  const server = createServer((socket) => {
    visitors += 1;
    socket.destroy();
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    get visitors() {
      return visitors;
    },
    close: () => once(server.close(), "close"),
  };
}

describe("a replay without a hub", () => {
  it("says so once, waits, says that the hub is there, and ends when everything is committed", async () => {
    const port = await freePort();
    const closer = await startCloser(port);
    const replay = start(port, "replay", recording, ...columns, "--rate", "5000");
    await eventually(() => expect(closer.visitors).toBeGreaterThan(4));
    await closer.close();
    const scene = await startInProcessHub(inject("postgresUrl"), { port });
    try {
      expect([await replay.ended, replay.complaints]).toEqual([0, ""]);
      expect(said(replay, "the hub does not answer; trying again. Is it running")).toHaveLength(1);
      expect(said(replay, "registered at the hub")).toHaveLength(1);
      expect((await scene.rowsOf("EP01")).map(([, value]) => value)).toEqual(
        Array.from({ length: count }, (_, index) => index + 1),
      );
    } finally {
      await scene.close();
    }
  });

  it.each([
    [
      "a file that is not there",
      "none.csv",
      "percent\n1\n",
      /^expected a recording at .*none\.csv: there is no such file$/,
    ],
    [
      "a column that is not there",
      "battery.csv",
      "volts\n1\n",
      /battery\.csv:2: there is no column percent; the header has volts$/,
    ],
  ])("is not even looked for with %s", async (_, name, text, problem) => {
    await writeFile(recording, text);
    const port = await freePort();
    const closer = await startCloser(port);
    const replay = start(port, "replay", join(folder, name), ...columns);
    expect(await replay.ended).toBe(1);
    expect(replay.complaints.trim()).toMatch(problem);
    expect([replay.log, closer.visitors, existsSync(join(folder, "relay"))]).toEqual([[], 0, false]);
    await closer.close();
  });
});

describe("at a hub that does not want it", () => {
  const access = { secret, allowAnonymous: false };
  const wanted = async (...args: string[]) => {
    const scene = await startInProcessHub(inject("postgresUrl"), { access });
    return { scene, command: start(Number(new URL(scene.url).port), ...args) };
  };

  it.each([
    ["no token", undefined, /unauthorized: expected a token in auth\.token; none came/],
    ["a token of another relay", "pi-2", /forbidden: this token is for relay pi-2/],
  ])("a replay with %s ends, says why, and leaves nothing behind", async (_, id, problem) => {
    const token = id === undefined ? [] : ["--token", await signToken({ role: "relay", id }, secret)];
    const { scene, command } = await wanted("replay", recording, ...columns, ...token);
    try {
      expect(await command.ended).toBe(1);
      expect(command.complaints).toMatch(problem);
      expect(command.complaints).toContain("A token is given with --token or HUB_TOKEN");
      expect(await packetsInLog()).toBe(0);
    } finally {
      await scene.close();
    }
  });

  it("a robot's relay goes on, says so once, and keeps the packets", async () => {
    const { scene, command } = await wanted("simulator");
    try {
      await eventually(() => expect(said(command, "the hub does not take this relay; trying again")).toHaveLength(1));
      command.process.kill("SIGTERM");
      expect(await command.ended).toBe(0);
      expect(await packetsInLog()).toBeGreaterThan(0);
    } finally {
      await scene.close();
    }
  });
});

it("without a command it says how it is used", async () => {
  relay = runRelay();
  expect(await relay.ended).toBe(1);
  expect(relay.complaints).toMatch(/^Usage: npm run relay -- /);
});
