/** Servers of both languages under messages that no server wants. */
import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { ZmqClient } from "@physical-ai/policy-wires";
import { describe, expect, it } from "vitest";
import { eventually } from "../src/eventually.ts";
import { hasPython, startPythonServer } from "../src/python.ts";
import { attack, attackBelow } from "./hostile.ts";
import { pythonProgram, startNodeProgram } from "./programs.ts";

const sockets = 5;
const messagesOfEach = 1_000;
const mebibyte = 2 ** 20;

interface Server {
  readonly endpoint: string;
  readonly process: ChildProcess;
  kill(): Promise<void>;
}

it("a server in TypeScript answers the next good request", async () => {
  const { said: endpoint, process, kill } = await startNodeProgram("server.mjs");
  await survive({ endpoint, process, kill });
}, 180_000);

describe.skipIf(!hasPython())("with Python", () => {
  it("a server in Python answers the next good request", async () => {
    await survive(await startPythonServer(pythonProgram("serve.py")));
  });
});

/** 5,000 messages from several sockets, twice: what a server learns to hold in the first round is no leak. */
async function survive({ endpoint, process: child, kill }: Server): Promise<void> {
  try {
    await attackFromAllSides(endpoint, 1);
    const before = await residentBytes(child);
    await attackFromAllSides(endpoint, 2);
    await eventually(async () => expect((await residentBytes(child)) - before).toBeLessThan(64 * mebibyte));
    expect(before).toBeLessThan(512 * mebibyte);
  } finally {
    await kill();
  }
}

async function attackFromAllSides(endpoint: string, round: number): Promise<void> {
  const client = new ZmqClient({ endpoint, timeoutMs: 60_000 });
  const image = { dtype: "uint8", shape: [640, 480, 3], data: new Uint8Array(640 * 480 * 3).fill(round) } as const;
  const seeds = Array.from({ length: sockets }, (_, index) => 10 * round + index);
  const attackers = seeds.map((seed) => attack(endpoint, messagesOfEach, seed));
  await Promise.all([
    ...attackers,
    attackBelow(endpoint, 100, round),
    client.inference({ image }).then((answer) => expect(answer).toMatchObject({ image: { shape: [640, 480, 3] } })),
  ]);
  expect(await client.inference({ image })).toEqual({ image });
  await eventually(
    async () => expect(await handled(client)).toBeGreaterThanOrEqual(round * sockets * messagesOfEach),
    60_000,
  );
  for (const socket of await Promise.all(attackers)) socket.close();
  client.close();
}

/** All messages that the server has looked at. */
async function handled(client: ZmqClient): Promise<number> {
  const status = await client.status();
  const counts = typeof status === "object" && status !== null ? Object.entries(status) : [];
  const sum = (total: number, [name, count]: [string, unknown]) =>
    ["answered", "failed", "refused"].includes(name) ? total + Number(count) : total;
  return counts.reduce(sum, 0);
}

/** Nothing where there is no /proc. */
async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
}
